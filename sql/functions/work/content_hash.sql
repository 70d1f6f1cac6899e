-- The SHA-256, in hex, of the bytes that new content of a column stands for: text stands for what it encodes.

create or replace function offload._content_hash(content bytea, column_type text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.encode(pg_catalog.sha256(
    case when column_type like 'text%'
      then pg_catalog.decode(pg_catalog.regexp_replace(pg_catalog.convert_from(content, 'UTF8'), '^data:[^,]*,', ''), 'base64')
      else content end), 'hex');
$$;

comment on function offload._content_hash(bytea, text) is
$$The SHA-256, in hex, of the bytes that new content of a column stands for.

content: the content
column_type: the managed column's type$$;
revoke execute on function offload._content_hash(bytea, text) from public;
