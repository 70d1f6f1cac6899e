-- The function that walks a managed table in key order for the sweep: keys and versions, and no stored value.
--
-- Its rights are the table owner's: the worker has none on the table, and row security must hide no row.
--
-- After a key of several parts come the rows that share all but its last part, then those that share all but the last
-- two, and so on: each of these ranges the key's index bounds at both ends, as it does not a condition for all of them.
-- So a batch reads what it returns, however many rows share a part.

create or replace function offload._scan_source(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format(
    $scan$
create or replace function offload._scan_%1$s(after jsonb, until jsonb, batch int)
returns table (key text[], row_xmin xid, worth_a_look int[], is_beyond boolean)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set row_security = off
set plan_cache_mode = force_custom_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off%2$s
as $body$
#variable_conflict use_variable
declare
  found_rows bigint;
begin
  if after is null then
    return query%3$s
      order by %5$s
      limit batch;
    return;
  end if;%4$s
end;
$body$;$scan$,
    t.id,
    offload._pinned_settings(t.relation),
    rows_.text,
    (
      select pg_catalog.string_agg(
        pg_catalog.format(
          $range$
  return query%1$s
      where %2$s
      order by %3$s
      limit batch;$range$,
          rows_.text, r.condition, key_.names),
        E'\n  get diagnostics found_rows = row_count;\n  batch := batch - found_rows;'
          || E'\n  if batch <= 0 then\n    return;\n  end if;' order by r.shared desc)
      from offload._key_ranges(t.relation, 't', 'after') r
    ),
    key_.names)
  from offload.managed_table t
  cross join lateral (
    select
      pg_catalog.string_agg(pg_catalog.format('t.%I::text', k.name), ', ' order by k.ordinal),
      pg_catalog.string_agg(pg_catalog.format('t.%I', k.name), ', ' order by k.ordinal)
    from offload._key_part(t.relation) k
  ) key_ (texts, names)
  cross join lateral (
    -- An array without elements is no source.
    select pg_catalog.format('pg_catalog.array_remove(array[%s]::int[], null)', pg_catalog.string_agg(pg_catalog.format(
      'case when case when t.%1$I is null then %2$s else offload.lies_in_store(t.%1$I) end then %3$s end', c.url_column,
      case when c.column_type like '%[]' then offload._has_source('t', c.column_name, c.column_type)
        else pg_catalog.format('t.%I is not null', c.column_name) end,
      c.id), ', ' order by c.id))
    from offload.managed_column c
    where c.managed_table = t.id and c.detached_at is null
  ) column_ (worth)
  cross join lateral (
    select pg_catalog.format(E'\n      select array[%s], t.xmin, %s, coalesce(%s, false)\n      from %s t',
      key_.texts, column_.worth, offload._key_exceeds(t.relation, 't', 'until'), offload._table_expression(t.relation))
  ) rows_ (text)
  where t.id = _scan_source.managed_table;
$$;

comment on function offload._scan_source(int) is
$$The text of the function that walks a managed table in key order.

managed_table: its id$$;
revoke execute on function offload._scan_source(int) from public;
