-- End an upload that failed, so that others need not wait for its lease.

create or replace function offload.abandon_upload(object_hash bytea, store text, lease uuid)
returns boolean
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with abandoned as (
    update offload.replica r set leased_until = pg_catalog.clock_timestamp()
    from offload.store s
    where s.name = abandon_upload.store and r.store = s.id and r.object_hash = abandon_upload.object_hash
      and r.lease = abandon_upload.lease
    returning r.object_hash
  )
  select exists (select from abandoned);
$$;

comment on function offload.abandon_upload(bytea, text, uuid) is
$$End an upload that failed; bytes that arrived all the same stay known.

object_hash: SHA-256 of the bytes
store: the store's name
lease: as begin_upload gave it$$;
revoke execute on function offload.abandon_upload(bytea, text, uuid) from public;
