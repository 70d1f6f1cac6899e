-- The texts of all functions that are generated for a managed table.

create or replace function offload._generated_source(managed_table int)
returns table (name text, source text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format('_%s_%s', s.verb, _generated_source.managed_table), s.source
  from (values
    ('guard', offload._guard_source(_generated_source.managed_table)),
    ('capture', offload._capture_source(_generated_source.managed_table)),
    ('change', offload._change_source(_generated_source.managed_table)),
    ('fetch', offload._fetch_source(_generated_source.managed_table)),
    ('read', offload._read_source(_generated_source.managed_table)),
    ('scan', offload._scan_source(_generated_source.managed_table)),
    ('count', offload._count_source(_generated_source.managed_table)),
    ('write_back', offload._write_back_source(_generated_source.managed_table))) s (verb, source);
$$;

comment on function offload._generated_source(int) is
$$The texts of all functions that are generated for a managed table.

managed_table: its id$$;
revoke execute on function offload._generated_source(int) from public;

-- Whether the triggers that are there call what would be generated now: a trigger or a generated column of the table's
-- own that came since may want them otherwise (offload._guards_apart).
create or replace function offload._fits_triggers(managed_table int)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select
    from offload.managed_table t
    join pg_catalog.pg_trigger g
      on g.tgrelid = t.relation and g.tgname = pg_catalog.format('zz_offload_guard_%s', _fits_triggers.managed_table)
    join pg_catalog.pg_proc p on p.oid = g.tgfoid
    where t.id = _fits_triggers.managed_table
      and p.proname = pg_catalog.format(
        case when offload._guards_apart(t.id) then '_guard_%s' else '_change_%s' end, t.id));
$$;

comment on function offload._fits_triggers(int) is
$$Whether the triggers of a managed table call what would be generated for it now.

managed_table: its id$$;
revoke execute on function offload._fits_triggers(int) from public;

create or replace function offload._is_outdated(managed_table int)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select offload._fits_triggers(_is_outdated.managed_table) and exists (
    select
    from offload._generated_source(_is_outdated.managed_table) s
    left join pg_catalog.pg_proc p on p.proname = s.name
      and p.pronamespace = (select n.oid from pg_catalog.pg_namespace n where n.nspname = 'offload')
    where s.source is not null and p.prosrc is distinct from pg_catalog.split_part(s.source, '$body$', 2));
$$;

comment on function offload._is_outdated(int) is
$$Whether functions of a managed table are not those that this version would make, and offload.renew may make them.

managed_table: its id$$;
revoke execute on function offload._is_outdated(int) from public;
