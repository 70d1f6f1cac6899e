-- The expression, with its "or", for "the sources begin with other bytes": most images of equal length are told apart
-- without reading them whole.

create or replace function offload._begins_otherwise(column_name text, column_type text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when _begins_otherwise.column_type like '%[]' then ''
    else pg_catalog.format(
      '(pg_catalog.substr(old.%1$s, 1, 4000)%2$s) is distinct from (pg_catalog.substr(new.%1$s, 1, 4000)%2$s) or ',
      offload._field(_begins_otherwise.column_name),
      case when _begins_otherwise.column_type = 'text' then ' collate "C"' else '' end) end;
$$;

comment on function offload._begins_otherwise(text, text) is
$$The expression, with its "or", for "the sources begin with other bytes"; empty for an array, whose parts cannot be read
alone.

column_name: the managed column
column_type: its type$$;
revoke execute on function offload._begins_otherwise(text, text) from public;
