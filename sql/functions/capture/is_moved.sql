-- The condition under which an UPDATE gave a row another key.
--
-- Equal values may have unequal texts, and under an application's settings unequal ones equal texts.

create or replace function offload._is_moved(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select (
    select pg_catalog.string_agg(pg_catalog.format(
      case when k.type in ('smallint', 'integer', 'bigint', 'uuid', 'boolean') then 'not new.%1$s %2$s old.%1$s'
        else 'not new.%1$s %2$s old.%1$s or (new.%1$s::text collate "C") <> (old.%1$s::text collate "C")' end,
      offload._field(k.name), k.equals), ' or ' order by k.ordinal)
    from offload._key_part(t.relation) k)
  from offload.managed_table t
  where t.id = _is_moved.managed_table;
$$;

comment on function offload._is_moved(int) is
$$The condition under which an UPDATE gave a row another key.

managed_table: its id$$;
revoke execute on function offload._is_moved(int) from public;
