-- Where an object can be read: the stores that hold it, the local ones first.

create or replace function offload.locate(object_hash bytea)
returns table (store_name text, store_kind text, key text, bytes bigint, media_type text, width int, height int)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select s.name, s.kind, r.key, o.bytes, o.media_type, o.width, o.height
    from offload.replica r
    join offload.object o on o.hash = r.object_hash
    join offload.store s on s.id = r.store
    where r.object_hash = locate.object_hash and r.state = 'stored'
    order by s.kind <> 'directory', s.id;
end;
$$;

comment on function offload.locate(bytea) is
$$Where an object can be read; empty: no store holds it.

object_hash: SHA-256 of its bytes$$;
revoke execute on function offload.locate(bytea) from public;
