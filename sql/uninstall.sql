-- Takes pg_offload away where it came by plain migrations: ends the management of every column, then drops the schema.
-- The tables, their URL columns and what lies in the stores stay.
begin;
set local search_path = '';
do $$
declare
  v_managed record;
  v_dependent text;
begin
  if exists (select from pg_catalog.pg_extension e where e.extname = 'pg_offload') then
    raise exception using
      errcode = 'OF018', message = 'pg_offload is installed in this database as an extension',
      hint = 'Remove it with: drop extension pg_offload;';
  end if;
  if pg_catalog.to_regclass('offload.migration') is null then
    raise exception using
      errcode = '3F000', message = 'pg_offload is not installed in this database',
      hint = 'There is nothing to remove. Is this the right database?';
  end if;

  -- In the order of the tables, so that of two that run at once one waits for the other.
  for v_managed in
    select t.relation, c.column_name
    from offload.managed_column c
    join offload.managed_table t on t.id = c.managed_table
    join pg_catalog.pg_class r on r.oid = t.relation
    where c.detached_at is null and t.detached_at is null
    order by t.relation::oid, c.id
  loop
    perform offload.detach(v_managed.relation, v_managed.column_name);
  end loop;

  -- What others built on ours would go with the schema.
  select pg_catalog.string_agg(distinct i.type || ' ' || i.identity, ', ') into v_dependent
  from (
    select
      case when d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
        then 'pg_catalog.pg_class'::pg_catalog.regclass::oid else d.classid end,
      case when d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
        then (select w.ev_class from pg_catalog.pg_rewrite w where w.oid = d.objid) else d.objid end,
      case when d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass then 0 else d.objsubid end
    from pg_catalog.pg_depend d
    where d.deptype in ('n', 'a') and (
      d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
        and d.refobjid in (select p.oid from pg_catalog.pg_proc p where p.pronamespace = 'offload'::regnamespace)
      or d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and d.refobjid in (select c.oid from pg_catalog.pg_class c where c.relnamespace = 'offload'::regnamespace)
      or d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass
        and d.refobjid in (select t.oid from pg_catalog.pg_type t where t.typnamespace = 'offload'::regnamespace))
  ) o (classid, objid, objsubid)
  cross join lateral pg_catalog.pg_identify_object(o.classid, o.objid, o.objsubid) i
  where i.schema is distinct from 'offload'
    and not (i.schema is null and i.identity ~ '( on |^)offload\.')
    and i.type <> 'default value' and i.schema !~ '^pg_toast';
  if v_dependent is not null then
    raise exception using
      errcode = '2BP01', message = pg_catalog.format('something else is built on pg_offload: %s', v_dependent),
      hint = 'Drop or change it first; uninstalling would take it away.';
  end if;
  set local client_min_messages = warning;
  drop schema offload cascade;
end;
$$;
commit;
