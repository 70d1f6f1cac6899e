-- A name in double quotes, whatever it is: behind "new." and "old." PL/pgSQL takes words for its own that SQL does not, such
-- as begin and loop, and quote_ident leaves those bare.

create or replace function offload._field(name text)
returns text
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
as $$
  select '"' || pg_catalog.replace(_field.name, '"', '""') || '"';
$$;

comment on function offload._field(text) is
$$A name in double quotes, whatever it is.

name: a column's$$;
revoke execute on function offload._field(text) from public;
