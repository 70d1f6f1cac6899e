-- Raise unless a table can be managed by this role. What has lost its key can still be let go.

create or replace function offload._refuse_relation(relation regclass, needs_key boolean default true)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_class pg_catalog.pg_class;
  v_schema text;
begin
  select c.* into v_class from pg_catalog.pg_class c where c.oid = _refuse_relation.relation;
  v_schema := (select n.nspname from pg_catalog.pg_namespace n where n.oid = v_class.relnamespace);
  if v_class.oid is null or v_class.relkind not in ('r', 'p') or v_class.relpersistence = 't'
    or v_schema in ('offload', 'pg_catalog', 'information_schema') then
    raise exception using
      errcode = 'OF002',
      message = pg_catalog.format('%s is %s and cannot be managed', coalesce(_refuse_relation.relation::text, 'null'), case
        when v_class.relpersistence = 't' then 'a temporary table'
        when v_schema in ('offload', 'pg_catalog', 'information_schema') then 'a system table'
        when v_class.relkind = 'f' then 'a foreign table'
        when v_class.relkind = 'v' then 'a view'
        when v_class.relkind = 'm' then 'a materialized view'
        else 'not a table' end),
      hint = case
        when v_class.relkind = 'f' then 'Attach the table on the server that holds its rows.'
        when v_class.relkind in ('v', 'm') then 'Attach the table that the view reads.'
        else 'Attach an ordinary or partitioned, permanent table.' end;
  end if;
  -- What became a partition while it was managed can go on, and be let go.
  if v_class.relispartition and not exists (
    select from offload.managed_table t where t.relation = _refuse_relation.relation and t.detached_at is null) then
    raise exception using
      errcode = 'OF002',
      message = pg_catalog.format('%s is a partition and cannot be managed by itself', _refuse_relation.relation),
      hint = pg_catalog.format('Attach the partitioned table: select offload.attach(%L, …);',
        pg_catalog.pg_partition_root(_refuse_relation.relation)::text);
  end if;
  if _refuse_relation.needs_key and not exists (select from offload._key_part(_refuse_relation.relation)) then
    raise exception using
      errcode = 'OF001',
      message = pg_catalog.format('table %s has no primary key', _refuse_relation.relation),
      hint = pg_catalog.format('Give it one: alter table %s add column id bigint generated always as identity primary key;',
        _refuse_relation.relation);
  end if;
  if not pg_catalog.pg_has_role(current_user, v_class.relowner, 'MEMBER') then
    raise exception using
      errcode = 'OF013',
      message = pg_catalog.format('role %I may not manage table %s', current_user, _refuse_relation.relation),
      hint = pg_catalog.format('Run it as the table''s owner, or make the role a member: grant %I to %I;',
        pg_catalog.pg_get_userbyid(v_class.relowner), current_user);
  end if;
  perform offload._refuse_outsider();
end;
$$;

comment on function offload._refuse_relation(regclass, boolean) is
$$Raise unless a table can be managed by this role.

relation: the table
needs_key: whether it must have a primary key$$;
revoke execute on function offload._refuse_relation(regclass, boolean) from public;
