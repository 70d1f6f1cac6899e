-- What the application once wrote where an object stands now: by its size a strategy goes, and by it saving is reckoned.
--
-- The item knows. Where its row's key changed there is none yet, and what the object was made of will do: equal bytes
-- are wanted in equal places. Without a search path of its own, so that it becomes a part of the statement that asks.

create or replace function offload._origin(managed_column int, key text[], "position" int, object_hash bytea)
returns table (source_hash bytea, source_bytes bigint)
language sql
stable
begin atomic
  select o.source_hash, o.source_bytes
  from (
    select 1 as rank, i.source_hash, i.source_bytes
    from offload.item i
    where i.managed_column = _origin.managed_column and i.key = _origin.key and i.position = _origin.position
      -- As it is written, it leads to no index of objects: many items may share this one.
      and coalesce(i.object_hash = _origin.object_hash, false) and i.source_bytes is not null
    union all
    select 2, d.source_hash, d.source_bytes
    from offload.derivation d
    where d.object_hash = _origin.object_hash
    union all
    select 3, b.hash, b.bytes from offload.object b where b.hash = _origin.object_hash
  ) o
  order by o.rank, o.source_bytes desc
  limit 1;
end;

comment on function offload._origin(int, text[], int, bytea) is
$$What the application once wrote where an object stands now.

managed_column: its id
key: the row's
position: 0, or an element's place from 1
object_hash: the object$$;
revoke execute on function offload._origin(int, text[], int, bytea) from public;
