-- The function that reads a part of one value for the worker, so that a large one is never whole in memory.
--
-- Its rights are the table owner's: the worker itself has none on the table.

create or replace function offload._read_source(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format(
    $read$
create or replace function offload._read_%1$s(key jsonb, managed_column int, "position" int, after bigint, length int)
returns bytea
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set row_security = off%2$s
as $body$
  select case _read_%1$s.managed_column%3$s end
  from %4$s t
  where %5$s;
$body$;$read$,
    t.id,
    offload._pinned_settings(t.relation),
    pg_catalog.string_agg(pg_catalog.format(
      E'\n    when %3$s then '
      || case c.column_type
        when 'text' then 'pg_catalog.convert_to(pg_catalog.substr(t.%2$I, _read_%1$s.after::int + 1, _read_%1$s.length), ''UTF8'')'
        when 'bytea' then 'pg_catalog.substr(t.%2$I, _read_%1$s.after::int + 1, _read_%1$s.length)'
        when 'text[]' then 'pg_catalog.convert_to(pg_catalog.substr(t.%2$I[_read_%1$s."position"], _read_%1$s.after::int + 1, _read_%1$s.length), ''UTF8'')'
        else 'pg_catalog.substr(t.%2$I[_read_%1$s."position"], _read_%1$s.after::int + 1, _read_%1$s.length)' end,
      t.id, c.column_name, c.id), '' order by c.id),
    offload._table_expression(t.relation), offload._key_join(t.relation, 't', pg_catalog.format('_read_%s.key', t.id)))
  from offload.managed_table t
  join offload.managed_column c on c.managed_table = t.id and c.detached_at is null
  where t.id = _read_source.managed_table
  group by t.id, t.relation;
$$;

comment on function offload._read_source(int) is
$$The text of the function that reads a part of one value.

managed_table: its id$$;
revoke execute on function offload._read_source(int) from public;
