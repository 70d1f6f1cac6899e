-- What a URL in a row is to become: the same object under the store's present beginning, or in the store it moved to.
--
-- Where the store knows no object under it, another program stored it, or nobody: it stays as it is.

create or replace function offload._new_url(url text, store int, target int)
returns table (becomes text, is_lost boolean)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_old offload.store_url;
  v_base text := (select u.prefix from offload.store_url u where u.store = _new_url.target and u.is_current);
  v_object bytea;
  v_url text;
begin
  -- The longest beginning says whose the URL is.
  select u.* into v_old from offload.store_url u
  where pg_catalog.starts_with(_new_url.url, u.prefix)
  order by pg_catalog.length(u.prefix) desc
  limit 1;
  if v_old.store is distinct from _new_url.store then
    return;
  end if;
  if _new_url.store = _new_url.target and v_old.is_current then
    return;
  end if;
  if _new_url.store = _new_url.target then
    v_url := v_base || pg_catalog.substr(_new_url.url, pg_catalog.length(v_old.prefix) + 1);
  end if;
  select r.object_hash into v_object
  from (
    -- Two look-ups: of both conditions together, no index would serve. What the store chose is written anew already.
    select r.object_hash from offload.replica r
    where r.store = _new_url.store and r.url in (_new_url.url, v_url)
    union all
    select r.object_hash from offload.replica r
    where r.store = _new_url.store and r.key = pg_catalog.substr(_new_url.url, pg_catalog.length(v_old.prefix) + 1)
  ) r
  limit 1;
  if not found then
    return;
  end if;
  if _new_url.store = _new_url.target then
    return query select v_url, false;
    return;
  end if;
  select coalesce(t.url, v_base || t.key) into v_url
  from offload.replica t
  where t.object_hash = v_object and t.store = _new_url.target and t.state = 'stored';
  return query select v_url, v_url is null;
end;
$$;

comment on function offload._new_url(text, int, int) is
$$What a URL in a row is to become; no row where it stays as it is. is_lost: the store it moved to has no such object.

url: the URL in the row
store: whose URLs are written anew
target: the store in which the objects lie now$$;
revoke execute on function offload._new_url(text, int, int) from public;
