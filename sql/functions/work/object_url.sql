-- The URL that a row shall carry for an object: the first wanted store that holds it, a remote one before a local.

create or replace function offload._object_url(managed_column int, source_bytes bigint, object_hash bytea)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(r.url, u.prefix || r.key)
  from offload.wanted_store(_object_url.managed_column, _object_url.source_bytes) w
  join offload.replica r on r.store = w.store and r.object_hash = _object_url.object_hash and r.state = 'stored'
  join offload.store_url u on u.store = w.store and u.is_current
  order by w.is_local, w.ordinal
  limit 1;
$$;

comment on function offload._object_url(int, bigint, bytea) is
$$The URL that a row shall carry for an object; null: none.

managed_column: its id
source_bytes: the decoded bytes of the item
object_hash: the object$$;
revoke execute on function offload._object_url(int, bigint, bytea) from public;
