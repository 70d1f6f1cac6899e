-- Announce an upload before its first byte is sent, so that no crash leaves bytes that nobody knows.
--
-- Of those who would upload equal bytes at once, one does, and the others come back later.

create or replace function offload.begin_upload(
  object_hash bytea, bytes bigint, media_type text, store text,
  width int default null, height int default null, lease_for interval default '10 minutes')
returns table (decision text, key text, lease uuid)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_store int := (select s.id from offload.store s where s.name = begin_upload.store and s.disabled_at is null);
  v_key text := offload._object_key(begin_upload.object_hash, begin_upload.media_type);
  v_replica offload.replica;
begin
  if v_store is null then
    raise exception using
      errcode = 'OF008', message = pg_catalog.format('store "%s" does not exist or is disabled', begin_upload.store),
      hint = 'The stores are listed in offload.store.';
  end if;
  perform offload.announce_object(
    begin_upload.object_hash, begin_upload.bytes, begin_upload.media_type, begin_upload.width, begin_upload.height);
  -- A copy that is being deleted is put anew once it is gone; until then the answer is busy.
  insert into offload.replica as r (object_hash, store, key, lease, leased_until)
  values (begin_upload.object_hash, v_store, v_key, pg_catalog.gen_random_uuid(),
    pg_catalog.clock_timestamp() + begin_upload.lease_for)
  on conflict on constraint replica_pkey do update set
    state = 'uploading', lease = excluded.lease, leased_until = excluded.leased_until
  where r.state = 'missing' or (r.state = 'uploading' and r.leased_until < pg_catalog.clock_timestamp())
  returning r.* into v_replica;
  if found then
    return query select 'upload', v_replica.key, v_replica.lease;
  else
    return query
      select case r.state when 'stored' then 'stored' else 'busy' end, r.key, null::uuid
      from offload.replica r
      where r.object_hash = begin_upload.object_hash and r.store = v_store;
  end if;
end;
$$;

comment on function offload.begin_upload(bytea, bigint, text, text, int, int, interval) is
$$Announce an upload. The decision is upload (do it, under this key), stored (it is there) or busy (come back later).

object_hash: SHA-256 of the bytes
bytes: how many
media_type: what they are
store: the store's name
width: in pixels, of an image
height: in pixels, of an image
lease_for: how long nobody else will try$$;
revoke execute on function offload.begin_upload(bytea, bigint, text, text, int, int, interval) from public;
