-- The function that reads a managed table's values for the worker, with the rights of the table's owner.
--
-- The worker itself has no right on the table. Row security does not blind the owner, and where it would (forced),
-- row_security = off makes it an error: a worker that sees less than there is must not take rows for deleted.
--
-- Without a limit it is asked only which rows there are: an array must be read to be counted.

create or replace function offload._fetch_source(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format(
    $fetch$
create or replace function offload._fetch_%1$s(keys jsonb, inline_limit bigint)
returns setof offload.fetched
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set row_security = off%2$s
as $body$%3$s
$body$;$fetch$,
    t.id,
    offload._pinned_settings(t.relation),
    pg_catalog.string_agg(
      case when c.column_type like '%[]' then pg_catalog.format(
        $array$
  select k.n::int, %1$s, coalesce(e.position, 0)::int, case when _fetch_%7$s.inline_limit is not null then pg_catalog.cardinality(t.%2$I) end, t.ctid, t.xmin,
    t.%3$I[coalesce(e.position, 0)]::text,
    %4$s,
    pg_catalog.octet_length(e.source)::bigint
  from pg_catalog.jsonb_array_elements(keys) with ordinality k (key, n)
  left join %5$s t on %6$s
  left join lateral pg_catalog.unnest(case when _fetch_%7$s.inline_limit is not null then t.%2$I end) with ordinality e (source, position) on true$array$,
        c.id, c.column_name, c.url_column,
        pg_catalog.format(case when c.column_type = 'text[]'
          then 'case when pg_catalog.octet_length(e.source) <= _fetch_%1$s.inline_limit then e.source::text end, null::bytea'
          else 'null::text, case when pg_catalog.octet_length(e.source) <= _fetch_%1$s.inline_limit then e.source end' end, t.id),
        offload._table_expression(t.relation), offload._key_join(t.relation, 't', 'k.key'), t.id)
      else pg_catalog.format(
        $scalar$
  select k.n::int, %1$s, 0, 1, t.ctid, t.xmin, t.%3$I::text,
    %4$s,
    pg_catalog.octet_length(t.%2$I)::bigint
  from pg_catalog.jsonb_array_elements(keys) with ordinality k (key, n)
  left join %5$s t on %6$s$scalar$,
        c.id, c.column_name, c.url_column,
        pg_catalog.format(case when c.column_type = 'text'
          then 'case when pg_catalog.octet_length(t.%1$I) <= _fetch_%2$s.inline_limit then t.%1$I::text end, null::bytea'
          else 'null::text, case when pg_catalog.octet_length(t.%1$I) <= _fetch_%2$s.inline_limit then t.%1$I end' end,
          c.column_name, t.id),
        offload._table_expression(t.relation), offload._key_join(t.relation, 't', 'k.key'))
      end,
      E'\n  union all' order by c.id) || ';')
  from offload.managed_table t
  join offload.managed_column c on c.managed_table = t.id and c.detached_at is null
  where t.id = _fetch_source.managed_table
  group by t.id, t.relation;
$$;

comment on function offload._fetch_source(int) is
$$The text of the function that reads a managed table's values.

managed_table: its id$$;
revoke execute on function offload._fetch_source(int) from public;
