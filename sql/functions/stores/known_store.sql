-- The store of a name.

create or replace function offload._store(name text)
returns offload.store
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_store offload.store;
begin
  select s.* into v_store from offload.store s where s.name = _store.name;
  if not found then
    raise exception using
      errcode = 'OF008', message = pg_catalog.format('store "%s" does not exist', _store.name),
      hint = coalesce('The stores are: '
        || (select pg_catalog.string_agg(s.name, ', ' order by s.name) from offload.store s) || '.',
        'Add it with offload.add_store.');
  end if;
  return v_store;
end;
$$;

comment on function offload._store(text) is
$$The row of a store, which must exist.

name: the store's name$$;
revoke execute on function offload._store(text) from public;
