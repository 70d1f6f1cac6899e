-- Grant what a set of rights means for one managed table.

create or replace function offload._grant_table(managed_table int, kind text, role name)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table offload.managed_table;
  v_schema text;
  v_function regprocedure;
begin
  select t.* into v_table from offload.managed_table t where t.id = _grant_table.managed_table;
  if _grant_table.kind = 'worker' then
    for v_function in select f from offload._generated_function(_grant_table.managed_table) f loop
      if v_function::text !~ '^offload\._(guard|capture)_' then
        execute pg_catalog.format('grant execute on function %s to %I', v_function, _grant_table.role);
      end if;
    end loop;
  elsif _grant_table.kind = 'admin' then
    -- For the store that is the rows themselves.
    execute pg_catalog.format('grant execute on function offload._fetch_%s(jsonb, bigint) to %I',
      _grant_table.managed_table, _grant_table.role);
  elsif _grant_table.kind = 'app' then
    v_schema := (select c.relnamespace::regnamespace::text from pg_catalog.pg_class c where c.oid = v_table.relation);
    execute pg_catalog.format('grant usage on schema %s to %I', v_schema, _grant_table.role);
    execute pg_catalog.format('grant select, insert, update, delete on %s to %I', v_table.relation, _grant_table.role);
    if v_table.view_name is not null then
      execute pg_catalog.format('grant select on %s.%I to %I', v_schema, v_table.view_name, _grant_table.role);
    end if;
  end if;
end;
$$;

comment on function offload._grant_table(int, text, name) is
$$Grant what a set of rights means for one managed table.

managed_table: its id
kind: the set
role: who gets it$$;
revoke execute on function offload._grant_table(int, text, name) from public;
