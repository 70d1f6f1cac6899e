-- Give a role one of the four sets of rights.
--
-- What was granted is written down: an upgrade grants it again for what is new, and attach for each new table.

create or replace function offload.grant_role(kind text, role name)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if grant_role.kind is null or grant_role.kind not in ('app', 'analyst', 'worker', 'admin') then
    raise exception using
      errcode = 'OF020', message = pg_catalog.format('there is no set of rights "%s"', grant_role.kind),
      hint = 'The sets are app, analyst, worker and admin.';
  end if;
  perform offload._refuse_outsider();
  if not exists (select from pg_catalog.pg_roles r where r.rolname = grant_role.role) then
    raise exception using
      errcode = 'undefined_object', message = pg_catalog.format('role "%s" does not exist', grant_role.role),
      hint = pg_catalog.format('Create it first: create role %I;', coalesce(grant_role.role, ''));
  end if;
  insert into offload.granted_role (kind, role_name) values (grant_role.kind, grant_role.role) on conflict do nothing;
  perform offload._grant_set(grant_role.kind, grant_role.role);
end;
$$;

comment on function offload.grant_role(text, name) is
$$Give a role one of the four sets of rights.

kind: app (the attached tables and their views), analyst (statistics, no image and no key), worker (what offload work
needs) or admin (failures with keys, retry, settings)
role: who gets it$$;
revoke execute on function offload.grant_role(text, name) from public;
