-- Forget what became of a table's values: after a change of the key the old keys name no row. The sweep that follows
-- finds every value's object again by its bytes.

create or replace function offload._forget_items(managed_table int)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from offload.arrival j where j.managed_table = _forget_items.managed_table;
  -- A claim may have moved some meanwhile: who waited for it above sees them now.
  delete from offload.job j where j.managed_table = _forget_items.managed_table;
  with gone as (
    delete from offload.item i
    using offload.managed_column c
    where c.id = i.managed_column and c.managed_table = _forget_items.managed_table and c.detached_at is null
    returning i.managed_column, i.object_hash, i.original_hash, i.is_remote, i.source_bytes
  ), noted as (
    insert into offload.dereferenced (object_hash)
    select distinct h.hash from gone g, pg_catalog.unnest(array[g.object_hash, g.original_hash]) h (hash) where h.hash is not null
  )
  insert into offload.count_entry (managed_column, store_bytes, saved_bytes)
  select g.managed_column, -coalesce(pg_catalog.sum(o.bytes) filter (where g.is_remote), 0),
    -coalesce(pg_catalog.sum(g.source_bytes - o.bytes), 0)
  from gone g
  left join offload.object o on o.hash = g.object_hash
  group by g.managed_column;
end;
$$;

comment on function offload._forget_items(int) is
$$Forget what became of a table's values, after a change of its key.

managed_table: its id$$;
revoke execute on function offload._forget_items(int) from public;
