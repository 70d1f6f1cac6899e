-- Take no new objects into a store, or take them again. What it holds stays readable.

create or replace function offload.disable_store(name text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_store offload.store := offload._store(disable_store.name);
  v_columns text;
begin
  update offload.store s set disabled_at = coalesce(s.disabled_at, pg_catalog.clock_timestamp()) where s.id = v_store.id;
  -- Those that have no other store to go to.
  v_columns := (
    select pg_catalog.string_agg(pg_catalog.format('%s.%s', e.relation, e.column_name), ', ' order by e.id)
    from offload.effective_column e
    where (e.local_store = v_store.id and e.strategy <> 's3_primary') or (
      e.strategy <> 'local_primary'
      and exists (select from offload.chain h where h.managed_column = e.id and h.store = v_store.id)
      and not exists (
        select from offload.chain h join offload.store s on s.id = h.store
        where h.managed_column = e.id and h.store <> v_store.id and s.disabled_at is null)));
  raise notice using
    message = pg_catalog.format('store "%s" takes no new objects; what it holds stays readable', v_store.name),
    hint = coalesce('New values of ' || v_columns || ' stay in their rows meanwhile. ', '')
      || pg_catalog.format('Take it into use again with: select offload.enable_store(%L);', v_store.name);
end;
$$;

comment on function offload.disable_store(text) is
$$Take no new objects into a store. What it holds stays readable, and rows that would go there wait.

name: the store$$;
revoke execute on function offload.disable_store(text) from public;

create or replace function offload.enable_store(name text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_store offload.store := offload._store(enable_store.name);
begin
  delete from offload.drain d where d.store = v_store.id and d.state <> 'complete';
  if found then
    delete from offload.rewrite r where r.store = v_store.id and r.target <> v_store.id;
    raise notice 'store "%" is no longer drained; what was moved stays moved', v_store.name;
  end if;
  update offload.store s set disabled_at = null where s.id = v_store.id;
  perform pg_catalog.pg_notify('offload', '');
end;
$$;

comment on function offload.enable_store(text) is
$$Take new objects into a store again. A drain that is under way ends where it is.

name: the store$$;
revoke execute on function offload.enable_store(text) from public;
