-- Raise unless this role may change what is managed: the installer, or a member of its role.

create or replace function offload._refuse_outsider()
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner name := (
    select pg_catalog.pg_get_userbyid(n.nspowner) from pg_catalog.pg_namespace n where n.nspname = 'offload');
begin
  if not pg_catalog.pg_has_role(current_user, v_owner, 'MEMBER') then
    raise exception using
      errcode = 'OF013',
      message = pg_catalog.format('role %I may not change what pg_offload manages', current_user),
      hint = pg_catalog.format('Run it as %I, who installed pg_offload, or make the role a member: grant %I to %I;',
        v_owner, v_owner, current_user);
  end if;
end;
$$;

comment on function offload._refuse_outsider() is 'Raise unless this role may change what is managed.';
revoke execute on function offload._refuse_outsider() from public;
