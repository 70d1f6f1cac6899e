-- Grant what a set of rights means for a managed table to everyone who holds the set.

create or replace function offload._grant_generated(managed_table int)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_granted record;
begin
  for v_granted in
    select g.kind, g.role_name from offload.granted_role g
    where exists (select from pg_catalog.pg_roles r where r.rolname = g.role_name)
  loop
    perform offload._grant_table(_grant_generated.managed_table, v_granted.kind, v_granted.role_name);
  end loop;
end;
$$;

comment on function offload._grant_generated(int) is
$$Grant what a set of rights means for a managed table to everyone who holds the set.

managed_table: its id$$;
revoke execute on function offload._grant_generated(int) from public;
