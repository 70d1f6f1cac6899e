-- Give a role one of the four sets of rights.
--
-- What was granted is written down: offload.renew grants it again for what an upgrade brought, and attach for
-- each new table.

create or replace function offload.grant_role(kind text, role name)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform offload._refuse_unknown_set(grant_role.kind);
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

kind: app (all attached tables, later ones too, with their sequences and views), analyst (statistics, no image and no key), worker (what offload work
needs) or admin (failures with keys, retry, settings)
role: who gets it$$;
revoke execute on function offload.grant_role(text, name) from public;
