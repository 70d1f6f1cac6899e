-- The local store of a name: the row itself, or a directory.

create or replace function offload._local_store(name text)
returns int
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_store offload.store;
begin
  if coalesce(_local_store.name, '') = '' then
    return null;
  end if;
  select s.* into v_store from offload.store s where s.name = _local_store.name;
  if v_store.id is null or v_store.kind not in ('database', 'directory') then
    raise exception using
      errcode = 'OF008', message = pg_catalog.format('store "%s" is no local store', _local_store.name),
      hint = 'A local store is a directory: select offload.add_store('
        || pg_catalog.quote_literal(_local_store.name) || ', ''directory'', path => ''/…''); '''' means the row itself.';
  end if;
  return v_store.id;
end;
$$;

comment on function offload._local_store(text) is
$$The id of a local store.

name: the store's name; null or '': the row itself$$;
revoke execute on function offload._local_store(text) from public;
