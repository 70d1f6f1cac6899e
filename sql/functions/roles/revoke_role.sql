-- Take one of the four sets of rights back from a role.
--
-- What another set that it holds has in common with this one stays, and what it owns. So does the usage of schemas,
-- which other tables may need, and opens nothing by itself.

create or replace function offload.revoke_role(kind text, role name)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_right record;
  v_kind text;
begin
  perform offload._refuse_unknown_set(revoke_role.kind);
  perform offload._refuse_outsider();
  delete from offload.granted_role g where g.kind = revoke_role.kind and g.role_name = revoke_role.role;
  if not exists (select from pg_catalog.pg_roles r where r.rolname = revoke_role.role) then
    return;
  end if;
  for v_right in
    select r.privilege, r.what from offload._right r
    where r.kind = revoke_role.kind and not exists (
      select from pg_catalog.pg_namespace n
      where n.nspname = 'offload' and pg_catalog.pg_get_userbyid(n.nspowner) = revoke_role.role)
    union all
    select r.privilege, r.what
    from offload.managed_table t
    join pg_catalog.pg_class c on c.oid = t.relation
    cross join lateral offload._table_right(t.id, revoke_role.kind) r
    where t.detached_at is null and pg_catalog.pg_get_userbyid(c.relowner) <> revoke_role.role
  loop
    execute pg_catalog.format('revoke %s on %s from %I', v_right.privilege, v_right.what, revoke_role.role);
  end loop;
  for v_kind in select g.kind from offload.granted_role g where g.role_name = revoke_role.role order by g.kind loop
    perform offload._grant_set(v_kind, revoke_role.role);
  end loop;
end;
$$;

comment on function offload.revoke_role(text, name) is
$$Take one of the four sets of rights back from a role, on our objects and on the tables that are attached now. What was
revoked by hand would be granted again by the next offload.attach.

kind: app, analyst, worker or admin
role: who loses it$$;
revoke execute on function offload.revoke_role(text, name) from public;
