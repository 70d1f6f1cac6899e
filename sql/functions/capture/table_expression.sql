-- How a statement names a table so that it sees this table's rows: inheritance children are attached one by one.

create or replace function offload._table_expression(relation regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format('%s%I.%I', case when c.relkind = 'p' then '' else 'only ' end, n.nspname, c.relname)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.oid = _table_expression.relation;
$$;

comment on function offload._table_expression(regclass) is
$$How a statement names a table, without its inheritance children but with its partitions.

relation: the table$$;
revoke execute on function offload._table_expression(regclass) from public;
