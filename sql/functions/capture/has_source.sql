-- The expression for "this row has a source", made so that no stored value is read.
--
-- octet_length asks the TOAST pointer. For an array only the stored size can be had without reading it: an empty
-- array is a header of at most 16 bytes, and any element makes it longer.

create or replace function offload._has_source(variable text, column_name text, column_type text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when _has_source.column_type like '%[]'
      then pg_catalog.format('coalesce(pg_catalog.pg_column_size(%s.%I) > 16, false)', variable, column_name)
    else pg_catalog.format('coalesce(pg_catalog.octet_length(%s.%I) > 0, false)', variable, column_name)
  end;
$$;

comment on function offload._has_source(text, text, text) is
$$The expression for "this row has a source".

variable: the row's name in the expression
column_name: the managed column
column_type: its type$$;
revoke execute on function offload._has_source(text, text, text) from public;
