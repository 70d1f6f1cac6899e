-- Where the untouched bytes of a managed column's images are archived: the chain, else the local store.

create or replace function offload.archive_store(managed_column int)
returns table (store int, store_name text, store_kind text, is_local boolean, ordinal int)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select s.id, s.name, s.kind, false, h.ordinal
    from offload.chain h
    join offload.store s on s.id = h.store
    where h.managed_column = archive_store.managed_column
    order by h.ordinal;
  if not found then
    return query
      select s.id, s.name, s.kind, true, 0
      from offload.effective_column e
      join offload.store s on s.id = e.local_store and s.kind <> 'database'
      where e.id = archive_store.managed_column;
  end if;
end;
$$;

comment on function offload.archive_store(int) is
$$Where the untouched bytes of a managed column's images are archived; of several stores one is enough.

managed_column: its id$$;
revoke execute on function offload.archive_store(int) from public;
