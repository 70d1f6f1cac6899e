-- The function that walks a managed table in key order for the sweep: keys and versions, and no stored value.
--
-- Its rights are the table owner's: the worker has none on the table, and row security must hide no row.

create or replace function offload._scan_source(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format(
    $scan$
create or replace function offload._scan_%1$s(after jsonb, until jsonb, batch int)
returns table (key text[], row_xmin xid, is_worth_a_look boolean, is_beyond boolean)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set row_security = off%2$s
as $body$
#variable_conflict use_variable
begin
  -- Two statements, so that the key's index bounds the second.
  if after is null then
    return query
      select array[%3$s], t.xmin, %4$s, coalesce(%7$s, false)
      from %5$s t
      order by %8$s
      limit batch;
  else
    return query
      select array[%3$s], t.xmin, %4$s, coalesce(%7$s, false)
      from %5$s t
      where %6$s
      order by %8$s
      limit batch;
  end if;
end;
$body$;$scan$,
    t.id,
    offload._pinned_settings(t.relation),
    key_.texts,
    column_.worth,
    offload._table_expression(t.relation),
    offload._key_exceeds(t.relation, 't', 'after'),
    offload._key_exceeds(t.relation, 't', 'until'),
    key_.names)
  from offload.managed_table t
  cross join lateral (
    select
      pg_catalog.string_agg(pg_catalog.format('t.%I::text', k.name), ', ' order by k.ordinal),
      pg_catalog.string_agg(pg_catalog.format('t.%I', k.name), ', ' order by k.ordinal)
    from offload._key_part(t.relation) k
  ) key_ (texts, names)
  cross join lateral (
    select pg_catalog.string_agg(pg_catalog.format(
      '(case when t.%1$I is null then t.%2$I is not null else offload.lies_in_store(t.%1$I) end)',
      c.url_column, c.column_name), ' or ' order by c.id)
    from offload.managed_column c
    where c.managed_table = t.id and c.detached_at is null
  ) column_ (worth)
  where t.id = _scan_source.managed_table;
$$;

comment on function offload._scan_source(int) is
$$The text of the function that walks a managed table in key order.

managed_table: its id$$;
revoke execute on function offload._scan_source(int) from public;
