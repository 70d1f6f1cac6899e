-- The expression for a row's key as it stands in jobs and items.

create or replace function offload._key_text(managed_table int, variable text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format('array[%s]', (
    select pg_catalog.string_agg(pg_catalog.format('%s.%s::text', _key_text.variable, offload._field(k.name)), ', ' order by k.ordinal)
    from offload._key_part(t.relation) k))
  from offload.managed_table t
  where t.id = _key_text.managed_table;
$$;

comment on function offload._key_text(int, text) is
$$The expression for a row's key as it stands in jobs and items.

managed_table: its id
variable: the row's name in the expression$$;
revoke execute on function offload._key_text(int, text) from public;
