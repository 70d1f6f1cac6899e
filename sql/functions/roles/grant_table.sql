-- Grant what a set of rights means for one managed table.

create or replace function offload._grant_table(managed_table int, kind text, role name)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_right record;
begin
  if _grant_table.kind = 'app' then
    execute pg_catalog.format('grant usage on schema %s to %I', (
      select c.relnamespace::regnamespace
      from offload.managed_table t join pg_catalog.pg_class c on c.oid = t.relation
      where t.id = _grant_table.managed_table), _grant_table.role);
  end if;
  for v_right in select r.privilege, r.what from offload._table_right(_grant_table.managed_table, _grant_table.kind) r loop
    execute pg_catalog.format('grant %s on %s to %I', v_right.privilege, v_right.what, _grant_table.role);
  end loop;
end;
$$;

comment on function offload._grant_table(int, text, name) is
$$Grant what a set of rights means for one managed table.

managed_table: its id
kind: the set
role: who gets it$$;
revoke execute on function offload._grant_table(int, text, name) from public;
