-- What the application once wrote where an object stands now: by its size a strategy goes, and by it saving is reckoned.
--
-- The item knows. Where its row's key changed there is none yet, and what the object was made of will do.

create or replace function offload._origin(
  managed_column int, key text[], "position" int, object_hash bytea, out source_hash bytea, out source_bytes bigint)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  select i.source_hash, i.source_bytes into source_hash, source_bytes
  from offload.item i
  where i.managed_column = _origin.managed_column and i.key = _origin.key and i.position = _origin.position
    and i.object_hash = _origin.object_hash and i.source_bytes is not null;
  if not found then
    select d.source_hash, d.source_bytes into source_hash, source_bytes
    from offload.derivation d
    where d.object_hash = _origin.object_hash
    order by d.source_bytes desc
    limit 1;
  end if;
  if not found then
    select o.hash, o.bytes into source_hash, source_bytes from offload.object o where o.hash = _origin.object_hash;
  end if;
end;
$$;

comment on function offload._origin(int, text[], int, bytea) is
$$What the application once wrote where an object stands now.

managed_column: its id
key: the row's
position: 0, or an element's place from 1
object_hash: the object$$;
revoke execute on function offload._origin(int, text[], int, bytea) from public;
