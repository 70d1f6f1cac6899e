-- Grant a set of rights to a role, as far as it holds on our own objects and on the attached tables.

create or replace function offload._grant_set(kind text, role name)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_right record;
  v_table int;
begin
  for v_right in select r.privilege, r.what from offload._right r where r.kind = _grant_set.kind loop
    execute pg_catalog.format('grant %s on %s to %I', v_right.privilege, v_right.what, _grant_set.role);
  end loop;
  for v_table in
    select t.id from offload.managed_table t
    join pg_catalog.pg_class c on c.oid = t.relation and pg_catalog.pg_has_role(c.relowner, 'usage')
    where t.detached_at is null
  loop
    perform offload._grant_table(v_table, _grant_set.kind, _grant_set.role);
  end loop;
end;
$$;

comment on function offload._grant_set(text, name) is
$$Grant a set of rights to a role.

kind: the set
role: who gets it$$;
revoke execute on function offload._grant_set(text, name) from public;
