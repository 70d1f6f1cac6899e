-- After an upgrade: make the functions of the managed tables those of this version, and grant again what was granted.
--
-- No writer is kept waiting: what reads and writes the rows is replaced between two calls of it. A table that another
-- change of it has locked, or whose columns or triggers are not what they were, is told and left as it is. Triggers and
-- views, which a new version changes rarely, are renewed by offload.refresh.

create or replace function offload.renew()
returns int
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_table record;
  v_source text;
  v_granted record;
  v_renewed int := 0;
begin
  perform offload._refuse_outsider();
  for v_table in
    select t.id, t.relation, pg_catalog.pg_get_userbyid(c.relowner) as owner
    from offload.managed_table t
    join pg_catalog.pg_class c on c.oid = t.relation
    where t.detached_at is null and (offload._is_outdated(t.id) or not offload._fits_triggers(t.id))
    order by t.id
  loop
    if not offload._fits_triggers(v_table.id) then
      raise warning using
        message = pg_catalog.format('the triggers of table %s do not fit what the table is now', v_table.relation),
        hint = pg_catalog.format('As a member of %I: select offload.refresh(%L);', v_table.owner, v_table.relation::text);
      continue;
    end if;
    begin
      for v_source in select s.source from offload._generated_source(v_table.id) s where s.source is not null loop
        execute v_source;
      end loop;
      perform offload._entrust(v_table.id, v_table.owner);
      v_renewed := v_renewed + 1;
    exception when syntax_error_or_access_rule_violation or lock_not_available then
      raise warning using
        message = pg_catalog.format('the functions of table %s stay those of an older version: %s', v_table.relation, sqlerrm),
        hint = pg_catalog.format('As a member of %I: select offload.refresh(%L);', v_table.owner, v_table.relation::text);
    end;
  end loop;
  for v_granted in
    select g.kind, g.role_name from offload.granted_role g
    where exists (select from pg_catalog.pg_roles r where r.rolname = g.role_name)
    order by g.kind, g.role_name
  loop
    perform offload._grant_set(v_granted.kind, v_granted.role_name);
  end loop;
  return v_renewed;
end;
$$;

comment on function offload.renew() is
'After an upgrade: make the functions of the managed tables those of this version, and grant again what was granted. It
locks no table; returns how many tables it renewed. offload install does it by itself.';
revoke execute on function offload.renew() from public;
