-- Let go of the objects of a detached column: what nothing else refers to is collected after its retention.

create or replace function offload.release_detached(relation regclass, column_name text)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_released bigint;
begin
  perform offload._refuse_outsider();
  with gone as (
    delete from offload.item i
    using offload.managed_column c, offload.managed_table t
    where c.id = i.managed_column and t.id = c.managed_table
      and t.relation = release_detached.relation and c.column_name = release_detached.column_name
      and c.detached_at is not null
    returning i.object_hash, i.original_hash
  ), noted as (
    insert into offload.dereferenced (object_hash)
    select distinct h.hash from gone g, pg_catalog.unnest(array[g.object_hash, g.original_hash]) h (hash) where h.hash is not null
  )
  select count(*) into v_released from gone g where g.object_hash is not null;
  return v_released;
end;
$$;

comment on function offload.release_detached(regclass, text) is
$$Let go of the objects of a detached column; returns how many items referred to one.

relation: the table
column_name: the column that was detached$$;
revoke execute on function offload.release_detached(regclass, text) from public;
