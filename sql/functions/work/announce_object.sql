-- Make an object known before anything refers to it or stores it.

create or replace function offload.announce_object(
  object_hash bytea, bytes bigint, media_type text, width int default null, height int default null)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into offload.object (hash, bytes, media_type, width, height)
  values (object_hash, bytes, media_type, width, height)
  on conflict do nothing;
$$;

comment on function offload.announce_object(bytea, bigint, text, int, int) is
$$Make an object known; one that is known already stays as it is.

object_hash: SHA-256 of the bytes
bytes: how many
media_type: what they are
width: in pixels, of an image
height: in pixels, of an image$$;
revoke execute on function offload.announce_object(bytea, bigint, text, int, int) from public;
