-- What some bytes are, by their first 64: real content decides, never a name or a declared type.

create or replace function offload.media_type(head bytea)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case
    when pg_catalog.substr(head, 1, 3) = '\xffd8ff' then 'image/jpeg'
    when pg_catalog.substr(head, 1, 8) = '\x89504e470d0a1a0a' then 'image/png'
    when pg_catalog.substr(head, 1, 4) = '\x47494638' then 'image/gif'
    when pg_catalog.substr(head, 1, 4) = '\x52494646' and pg_catalog.substr(head, 9, 4) = '\x57454250' then 'image/webp'
    when pg_catalog.substr(head, 1, 4) in ('\x49492a00', '\x4d4d002a') then 'image/tiff'
    when pg_catalog.substr(head, 1, 2) = '\x424d' then 'image/bmp'
    when pg_catalog.substr(head, 5, 8) in ('\x6674797061766966', '\x6674797061766973') then 'image/avif'
    when pg_catalog.substr(head, 5, 8) in ('\x6674797068656963', '\x6674797068656978', '\x667479706d696631') then 'image/heic'
    when pg_catalog.substr(head, 5, 8) = '\x6674797071742020' then 'video/quicktime'
    when pg_catalog.substr(head, 5, 4) = '\x66747970' then 'video/mp4'
    when pg_catalog.substr(head, 1, 4) = '\x1a45dfa3' then 'video/webm'
    when pg_catalog.substr(head, 1, 4) = '\x52494646' and pg_catalog.substr(head, 9, 4) = '\x41564920' then 'video/x-msvideo'
    when pg_catalog.substr(head, 1, 4) = '\x25504446' then 'application/pdf'
    when pg_catalog.substr(head, 1, 4) = '\x504b0304' then 'application/zip'
    else 'application/octet-stream'
  end;
$$;

comment on function offload.media_type(bytea) is
$$What some bytes are, as a media type.

head: at least their first 64$$;
grant execute on function offload.media_type(bytea) to public;
