-- Hold an announced upload longer.

create or replace function offload.renew_upload(
  object_hash bytea, store text, lease uuid, lease_for interval default '1 minute')
returns boolean
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with renewed as (
    update offload.replica r set leased_until = pg_catalog.clock_timestamp() + renew_upload.lease_for
    from offload.store s
    where s.name = renew_upload.store and r.store = s.id and r.object_hash = renew_upload.object_hash
      and r.lease = renew_upload.lease
    returning r.object_hash
  )
  select exists (select from renewed);
$$;

comment on function offload.renew_upload(bytea, text, uuid, interval) is
$$Hold an announced upload longer. False: its lease had ended, and another upload counts.

object_hash: SHA-256 of the bytes
store: the store's name
lease: as begin_upload gave it
lease_for: from now on$$;
revoke execute on function offload.renew_upload(bytea, text, uuid, interval) from public;
