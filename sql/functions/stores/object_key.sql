-- Under which name an object lies in a store: its hash below two folders, so that none of them grows too large.

create or replace function offload._object_key(hash bytea, media_type text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format('%s/%s/%s.%s', pg_catalog.left(h.text, 2), pg_catalog.substr(h.text, 3, 2), h.text,
    case _object_key.media_type
      when 'image/webp' then 'webp' when 'image/jpeg' then 'jpg' when 'image/png' then 'png' when 'image/gif' then 'gif'
      when 'video/mp4' then 'mp4' when 'video/webm' then 'webm' when 'video/quicktime' then 'mov'
      when 'application/pdf' then 'pdf' else 'bin' end)
  from (values (pg_catalog.encode(_object_key.hash, 'hex'))) h (text);
$$;

comment on function offload._object_key(bytea, text) is
$$Under which name an object lies in a store.

hash: SHA-256 of its bytes
media_type: what they are$$;
grant execute on function offload._object_key(bytea, text) to public;
