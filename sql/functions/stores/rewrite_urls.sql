-- Write the rows' URLs of a store anew, after what they begin with has changed.

create or replace function offload.rewrite_urls(store text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_store offload.store := offload._store(rewrite_urls.store);
  v_base text := (select u.prefix from offload.store_url u where u.store = v_store.id and u.is_current);
  v_tables bigint;
begin
  if v_base is null then
    raise exception using
      errcode = 'OF016', message = pg_catalog.format('store "%s" is the rows themselves and has no URLs', v_store.name),
      hint = 'Name a store of another kind.';
  end if;
  if exists (select from offload.drain d where d.store = v_store.id and d.state <> 'complete') then
    raise exception using
      errcode = 'OF017', message = pg_catalog.format('store "%s" is being drained', v_store.name),
      hint = 'Its URLs are written anew at the end of that: select * from offload.store_progress;';
  end if;
  -- Where the store itself chose a URL, it was recorded. Of beginnings that begin alike, the longest is the URL's.
  update offload.replica r set url = v_base || pg_catalog.substr(r.url, pg_catalog.length(u.prefix) + 1)
  from offload.store_url u
  where r.store = v_store.id and u.store = v_store.id and not u.is_current and pg_catalog.starts_with(r.url, u.prefix)
    and not exists (
      select from offload.store_url l
      where l.store = u.store and pg_catalog.starts_with(r.url, l.prefix)
        and pg_catalog.length(l.prefix) > pg_catalog.length(u.prefix));
  v_tables := offload._begin_rewrite(v_store.id, v_store.id);
  raise notice using
    message = pg_catalog.format('URLs of store "%s" are written anew in %s, to begin with %s', v_store.name,
      case v_tables when 1 then 'one table' else v_tables || ' tables' end, v_base),
    hint = 'See how far it is: select * from offload.store_progress; ' || offload._next_step();
end;
$$;

comment on function offload.rewrite_urls(text) is
$$Write the rows' URLs of a store anew, after what they begin with has changed (offload.configure_store). The worker
does it in batches, each a transaction of its own; foreign URLs stay as they are. See offload.store_progress.

store: the store's name$$;
revoke execute on function offload.rewrite_urls(text) from public;

create or replace function offload._begin_rewrite(store int, target int)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with begun as (
    insert into offload.rewrite as r (store, managed_table, target)
    select _begin_rewrite.store, t.id, _begin_rewrite.target
    from offload.managed_table t
    where t.detached_at is null
    order by t.id
    on conflict on constraint rewrite_pkey do update set
      target = excluded.target, state = 'pending', after_key = null, ready_at = excluded.ready_at, written = 0, busy = 0,
      left_behind = 0, detail = null, started_at = excluded.started_at, finished_at = null
    returning r.managed_table
  )
  select count(*) from begun, pg_catalog.pg_notify('offload', '');
$$;

comment on function offload._begin_rewrite(int, int) is
$$Record that the URLs of a store are to be written anew in each managed table; returns how many there are.

store: its id
target: the id of the store in which the objects lie now$$;
revoke execute on function offload._begin_rewrite(int, int) from public;
