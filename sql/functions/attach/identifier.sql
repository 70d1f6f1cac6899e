-- A name made of another and an ending, cut so that the ending survives the 63 bytes of an identifier.

create or replace function offload._identifier(base text, ending text)
returns text
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
as $$
  select case
    when pg_catalog.octet_length(_identifier.base || _identifier.ending) <= 63
      then _identifier.base || _identifier.ending
    else offload._identifier(pg_catalog.left(_identifier.base, -1), _identifier.ending)
  end;
$$;

comment on function offload._identifier(text, text) is
$$A name made of another and an ending, at most 63 bytes long.

base: the name that is cut where it must be
ending: what it ends with$$;
revoke execute on function offload._identifier(text, text) from public;
