-- The expression for the bytes that a source takes in its row, read off the TOAST pointer.

create or replace function offload._source_bytes(variable text, column_name text, column_type text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format(
    case when _source_bytes.column_type like '%[]' then 'coalesce(pg_catalog.pg_column_size(%s.%s), 0)'
      else 'coalesce(pg_catalog.octet_length(%s.%s), 0)' end,
    variable, offload._field(column_name));
$$;

comment on function offload._source_bytes(text, text, text) is
$$The expression for the bytes that a source takes in its row.

variable: the row's name in the expression
column_name: the managed column
column_type: its type$$;
revoke execute on function offload._source_bytes(text, text, text) from public;
