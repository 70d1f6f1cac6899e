-- What was recorded of objects in a store: what whoever deletes or reads them must hand to it.
--
-- Some stores do not find an object by its key alone: Cloudinary answers "not found" when it is asked under the wrong
-- resource type, and keeps the asset.

create or replace function offload.stored_object(store text, keys text[])
returns table (key text, object_hash bytea, state text, url text, etag text, provider jsonb)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select r.key, r.object_hash, r.state, r.url, r.etag, r.provider
    from offload.store s
    join offload.replica r on r.store = s.id
    where s.name = stored_object.store and r.key = any (stored_object.keys)
    order by r.key;
end;
$$;

comment on function offload.stored_object(text, text[]) is
$$What was recorded of objects in a store: state, and where the store chose them its URL and what finds the object again.

store: the store's name
keys: the objects' keys in it; one that is not recorded has no row$$;
revoke execute on function offload.stored_object(text, text[]) from public;
