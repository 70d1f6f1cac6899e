-- Which stores an item's object is wanted in: of a chain one store is enough, and the first that accepts wins.

create or replace function offload.wanted_store(managed_column int, source_bytes bigint)
returns table (store int, store_name text, store_kind text, is_local boolean, ordinal int)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select s.id, s.name, s.kind, w.is_local, w.ordinal
    from (
      select h.store, false as is_local, h.ordinal
      from offload.effective_column e
      join offload.chain h on h.managed_column = e.id
      where e.id = wanted_store.managed_column and offload._wants_chain(e.strategy, wanted_store.source_bytes, e.threshold)
      union all
      select e.local_store, true, 0
      from offload.effective_column e
      where e.id = wanted_store.managed_column and offload._wants_local(e.strategy, wanted_store.source_bytes, e.threshold)
    ) w
    join offload.store s on s.id = w.store and s.kind <> 'database'
    order by w.is_local, w.ordinal;
end;
$$;

comment on function offload.wanted_store(int, bigint) is
$$Which stores an item's object is wanted in; none: the row itself is enough.

managed_column: its id
source_bytes: the decoded bytes of the item$$;
revoke execute on function offload.wanted_store(int, bigint) from public;
