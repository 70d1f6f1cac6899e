-- The expression, always true, that takes all columns that a capture reads of a row: a renamed one is noticed there, before
-- anything is written, and not in the branch that happens to come upon it. Without a function, which would have to be set up.

create or replace function offload._columns_read(managed_table int, variable text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.string_agg(
    pg_catalog.format('(%s.%s is null) is not null', _columns_read.variable, offload._field(n.name)), ' and ' order by n.name)
  from offload._watched_column(_columns_read.managed_table) n (name);
$$;

comment on function offload._columns_read(int, text) is
$$The expression that takes all columns that a capture reads of a row.

managed_table: its id
variable: the row's name in the expression$$;
revoke execute on function offload._columns_read(int, text) from public;
