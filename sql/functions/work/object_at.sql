-- The object that lies under a URL of ours; null: none is known there.

create or replace function offload._object_at(url text)
returns bytea
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select r.object_hash
    from offload.store_url s
    cross join lateral (
      -- Two look-ups: of both conditions together, no index would serve.
      select r.object_hash from offload.replica r
      where r.store = s.store and r.state = 'stored' and r.url = _object_at.url
      union all
      select r.object_hash from offload.replica r
      where r.store = s.store and r.state = 'stored'
        and r.key = pg_catalog.substr(_object_at.url, pg_catalog.length(s.prefix) + 1)
    ) r
    where pg_catalog.starts_with(_object_at.url, s.prefix)
    order by pg_catalog.length(s.prefix) desc
    limit 1);
end;
$$;

comment on function offload._object_at(text) is
$$The object that lies under a URL of ours; null: none is known there.

url: the URL$$;
revoke execute on function offload._object_at(text) from public;
