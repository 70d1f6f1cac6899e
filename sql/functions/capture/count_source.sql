-- The function that counts a managed table whole, in one snapshot, without reading a stored value.
--
-- Its rights are the table owner's: the worker has none on the table, and row security must hide no row.

create or replace function offload._count_source(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format(
    $count$
create or replace function offload._count_%1$s()
returns table (
  managed_column int, leaf regclass, rows bigint, with_url bigint, with_source bigint, with_both bigint, row_bytes bigint)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $body$
  with counted as (
    select t.tableoid::regclass as leaf, count(*) as rows%2$s
    from %3$s t
    group by t.tableoid
  )%4$s;
$body$;$count$,
    t.id,
    pg_catalog.string_agg(pg_catalog.format(
      $column$,
      count(*) filter (where t.%2$I is not null) as url_%1$s,
      count(*) filter (where %3$s) as source_%1$s,
      count(*) filter (where t.%2$I is not null and %3$s) as both_%1$s,
      pg_catalog.sum(%4$s)::bigint as bytes_%1$s$column$,
      c.id, c.url_column, offload._has_source('t', c.column_name, c.column_type),
      offload._source_bytes('t', c.column_name, c.column_type)), '' order by c.id),
    offload._table_expression(t.relation),
    pg_catalog.string_agg(pg_catalog.format(
      E'\n  select %1$s, leaf, rows, url_%1$s, source_%1$s, both_%1$s, bytes_%1$s from counted', c.id),
      E'\n  union all' order by c.id))
  from offload.managed_table t
  join offload.managed_column c on c.managed_table = t.id and c.detached_at is null
  where t.id = _count_source.managed_table
  group by t.id, t.relation;
$$;

comment on function offload._count_source(int) is
$$The text of the function that counts a managed table whole.

managed_table: its id$$;
revoke execute on function offload._count_source(int) from public;
