-- The function that reads a part of one value for the worker, so that a large one is never whole in memory.

create or replace function offload._read_source(managed_table int)
returns text
language sql
stable
set search_path = ''
as $$
  select pg_catalog.format(
    $read$
create or replace function offload._read_%1$s(key jsonb, managed_column int, "position" int, after bigint, length int)
returns bytea
language sql
stable
security definer
set search_path = ''
set row_security = off%2$s
as $body$
  select case managed_column%3$s end
  from %4$s t
  where %5$s;
$body$;$read$,
    t.id,
    offload._pinned_settings(t.relation),
    pg_catalog.string_agg(pg_catalog.format(
      E'\n    when %s then '
      || case c.column_type
        when 'text' then 'pg_catalog.convert_to(pg_catalog.substr(t.%I, after::int + 1, length), ''UTF8'')'
        when 'bytea' then 'pg_catalog.substr(t.%I, after::int + 1, length)'
        when 'text[]' then 'pg_catalog.convert_to(pg_catalog.substr(t.%I["position"], after::int + 1, length), ''UTF8'')'
        else 'pg_catalog.substr(t.%I["position"], after::int + 1, length)' end,
      c.id, c.column_name), '' order by c.id),
    offload._table_expression(t.relation), offload._key_join(t.relation, 't', 'key'))
  from offload.managed_table t
  join offload.managed_column c on c.managed_table = t.id and c.detached_at is null
  where t.id = _read_source.managed_table
  group by t.id, t.relation;
$$;

comment on function offload._read_source(int) is
$$The text of the function that reads a part of one value.

managed_table: its id$$;
revoke execute on function offload._read_source(int) from public;
