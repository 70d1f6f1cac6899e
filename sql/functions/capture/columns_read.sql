-- The columns that a capture reads of a row, for an expression that reads them all at once: a renamed one is noticed
-- there, before anything is written, and not in the branch that happens to come upon it.

create or replace function offload._columns_read(managed_table int, variable text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.string_agg(pg_catalog.format('%s.%I', _columns_read.variable, n.name), ', ' order by n.name)
  from (
    select k.name
    from offload.managed_table t
    cross join offload._key_part(t.relation) k
    where t.id = _columns_read.managed_table
    union
    select u.name
    from offload.managed_column c
    cross join pg_catalog.unnest(array[c.column_name, c.url_column]) u (name)
    where c.managed_table = _columns_read.managed_table and c.detached_at is null
  ) n (name);
$$;

comment on function offload._columns_read(int, text) is
$$The columns that a capture reads of a row, as a list.

managed_table: its id
variable: the row's name in the expression$$;
revoke execute on function offload._columns_read(int, text) from public;
