-- Grant a managed table's functions to everyone who holds a set of rights.

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
    where g.kind = 'worker' and exists (select from pg_catalog.pg_roles r where r.rolname = g.role_name)
  loop
    perform offload._grant_table(_grant_generated.managed_table, v_granted.kind, v_granted.role_name);
  end loop;
end;
$$;

comment on function offload._grant_generated(int) is
$$Grant a managed table's functions to the workers' roles.

managed_table: its id$$;
revoke execute on function offload._grant_generated(int) from public;
