-- The condition that a source may be saved again as it was and is stored apart from its row: to write it again costs more
-- than to compare it.

create or replace function offload._is_stored_apart(column_name text, column_type text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format('%1$s > 2000 and %1$s = %2$s', pg_catalog.format(n.bytes, 'new', n.name), pg_catalog.format(n.bytes, 'old', n.name))
  from (
    select
      offload._field(_is_stored_apart.column_name),
      case when _is_stored_apart.column_type like '%[]' then 'pg_catalog.pg_column_size(%s.%s)' else 'pg_catalog.octet_length(%s.%s)' end
  ) n (name, bytes);
$$;

comment on function offload._is_stored_apart(text, text) is
$$The condition that a source may be saved again as it was and is stored apart from its row.

column_name: the managed column
column_type: its type$$;
revoke execute on function offload._is_stored_apart(text, text) from public;
