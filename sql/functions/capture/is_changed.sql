-- The expression for "this statement changed the source": unequal lengths answer without reading the values.
--
-- Bytes are compared, never letters: under a case-insensitive collation two images could be equal.

create or replace function offload._is_changed(column_name text, column_type text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format(
    case when _is_changed.column_type like 'text%' then '(old.%1$s collate "C") is distinct from (new.%1$s collate "C")'
      else 'old.%1$s is distinct from new.%1$s' end,
    offload._field(_is_changed.column_name));
$$;

comment on function offload._is_changed(text, text) is
$$The expression for "this statement changed the source".

column_name: the managed column
column_type: its type$$;
revoke execute on function offload._is_changed(text, text) from public;
