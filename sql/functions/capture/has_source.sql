-- The expression for "this row has a source", made so that no stored value is read.

create or replace function offload._has_source(variable text, column_name text, column_type text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format('%s >= %s',
    offload._source_bytes(_has_source.variable, _has_source.column_name, _has_source.column_type),
    offload._least_source(_has_source.column_type));
$$;

comment on function offload._has_source(text, text, text) is
$$The expression for "this row has a source".

variable: the row's name in the expression
column_name: the managed column
column_type: its type$$;
revoke execute on function offload._has_source(text, text, text) from public;
