-- The functions that are generated for a managed table.

create or replace function offload._generated_function(managed_table int)
returns setof regprocedure
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select p.oid::regprocedure
  from pg_catalog.pg_proc p
  where p.pronamespace = (select n.oid from pg_catalog.pg_namespace n where n.nspname = 'offload')
    and p.proname in (
      select pg_catalog.format('_%s_%s', f.verb, _generated_function.managed_table)
      from (values ('guard'), ('capture'), ('change'), ('fetch'), ('read'), ('scan'), ('count'), ('write_back')) f (verb));
$$;

comment on function offload._generated_function(int) is
$$The functions that are generated for a managed table.

managed_table: its id$$;
revoke execute on function offload._generated_function(int) from public;

create or replace function offload._called_function(managed_table int)
returns setof regprocedure
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select f
  from offload._generated_function(_called_function.managed_table) f
  join pg_catalog.pg_proc p on p.oid = f
  where p.prorettype <> 'pg_catalog.trigger'::regtype;
$$;

comment on function offload._called_function(int) is
$$Those of the functions generated for a managed table that workers call: all but its triggers'.

managed_table: its id$$;
revoke execute on function offload._called_function(int) from public;
