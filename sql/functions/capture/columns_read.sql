-- The expression for a number of no meaning that takes all columns that a capture reads of a row: a renamed one is noticed
-- there, before anything is written, and not in the branch that happens to come upon it. A function takes a hundred.

create or replace function offload._columns_read(managed_table int, variable text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.string_agg(c.call, ' + ' order by c.number)
  from (
    select f.number / 50 as number, pg_catalog.format('pg_catalog.num_nulls(%s)', pg_catalog.string_agg(f.field, ', ' order by f.number)) as call
    from (
      select
        pg_catalog.row_number() over (order by n.name) - 1 as number,
        pg_catalog.format('%s.%s', _columns_read.variable, offload._field(n.name)) as field
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
      ) n (name)
    ) f
    group by f.number / 50
  ) c;
$$;

comment on function offload._columns_read(int, text) is
$$The expression that takes all columns that a capture reads of a row.

managed_table: its id
variable: the row's name in the expression$$;
revoke execute on function offload._columns_read(int, text) from public;
