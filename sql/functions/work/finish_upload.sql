-- Record that a store holds an object, and how that is known.

create or replace function offload.finish_upload(
  object_hash bytea, store text, lease uuid, evidence text,
  etag text default null, url text default null, provider jsonb default null)
returns boolean
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with finished as (
    update offload.replica r set
      state = 'stored', lease = null, leased_until = null, evidence = finish_upload.evidence, etag = finish_upload.etag,
      url = finish_upload.url, provider = finish_upload.provider,
      stored_at = pg_catalog.clock_timestamp(), verified_at = pg_catalog.clock_timestamp()
    from offload.store s
    where s.name = finish_upload.store and r.store = s.id and r.object_hash = finish_upload.object_hash
      and r.lease = finish_upload.lease
    returning r.object_hash
  )
  -- Whose lease ended may find that the upload of another is there: the bytes are the same.
  select exists (select from finished) or exists (
    select
    from offload.replica r
    join offload.store s on s.id = r.store
    where s.name = finish_upload.store and r.object_hash = finish_upload.object_hash and r.state = 'stored');
$$;

comment on function offload.finish_upload(bytea, text, uuid, text, text, text, jsonb) is
$$Record that a store holds an object. False: the lease had ended, and what another upload brings will count.

object_hash: SHA-256 of the bytes
store: the store's name
lease: as begin_upload gave it
evidence: signed_payload, content_md5, checksum or read_back
etag: as the store answered
url: where the store chooses it
provider: what the store needs to find the object again$$;
revoke execute on function offload.finish_upload(bytea, text, uuid, text, text, text, jsonb) from public;
