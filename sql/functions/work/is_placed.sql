-- Whether an object lies where it is wanted: in one store of the chain, and in the local store where there is one.
--
-- Who prefers is content with the first store of the chain alone.

create or replace function offload._is_placed(managed_column int, source_bytes bigint, object_hash bytea, prefers boolean)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(pg_catalog.bool_and(w.is_there), true)
    from (
      select pg_catalog.bool_or(
        r.object_hash is not null and (w.is_local or w.ordinal = 1 or not _is_placed.prefers)) as is_there
      from offload.wanted_store(_is_placed.managed_column, _is_placed.source_bytes) w
      left join offload.replica r
        on r.store = w.store and r.object_hash = _is_placed.object_hash and r.state = 'stored'
      group by w.is_local
    ) w
  );
end;
$$;

comment on function offload._is_placed(int, bigint, bytea, boolean) is
$$Whether an object lies where it is wanted.

managed_column: its id
source_bytes: the decoded bytes of the item
object_hash: the object
prefers: whether only the first store of the chain will do$$;
revoke execute on function offload._is_placed(int, bigint, bytea, boolean) from public;
