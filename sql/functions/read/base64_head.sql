-- The first bytes of a base64 text, as far as they are base64 at all; null: it is none.

create or replace function offload._base64_head(head text)
returns bytea
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.decode(
    pg_catalog.substring(pg_catalog.translate(head, E'\n\r\t ', ''), '^(?:[A-Za-z0-9+/]{4})+'), 'base64');
$$;

comment on function offload._base64_head(text) is
$$The first bytes of a base64 text; null where it is none.

head: the text's first 64 characters$$;
grant execute on function offload._base64_head(text) to public;
