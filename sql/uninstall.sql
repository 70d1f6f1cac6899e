-- Take pg_offload out of a database in which plain migrations put it. The tables stay as they are, the application's
-- writes go on, and every URL goes on opening; what pg_offload knew of its objects is gone.
begin;
set local client_min_messages = warning;
set local search_path = pg_catalog, pg_temp;
set local lock_timeout = '2s';
do $uninstall$
declare
  v_table int;
  v_dependent text;
begin
  if exists (select from pg_catalog.pg_extension e where e.extname = 'pg_offload') then
    raise exception using
      errcode = 'OF018', message = 'pg_offload is installed in this database as an extension',
      hint = 'Detach every column first: select offload.detach(relation, column_name) from offload.effective_column; then: drop extension pg_offload;';
  end if;
  if pg_catalog.to_regclass('offload.migration') is null then
    return;
  end if;
  for v_table in
    select t.id from offload.managed_table t
    where t.detached_at is null and exists (select from pg_catalog.pg_class c where c.oid = t.relation)
    order by t.id
  loop
    perform offload._drop_view(v_table);
    perform offload._degenerate(v_table);
  end loop;

  -- The cascade below is for our own objects: what anybody else built on them is not to go silently.
  select pg_catalog.string_agg(distinct pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid), ', ')
  into v_dependent
  from pg_catalog.pg_depend d
  join (
    select 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, c.relnamespace from pg_catalog.pg_class c
    union all
    select 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, p.pronamespace from pg_catalog.pg_proc p
    union all
    select 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, t.typnamespace from pg_catalog.pg_type t
  ) ours (classid, objid, namespace) on ours.classid = d.refclassid and ours.objid = d.refobjid
  join (
    select 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, c.relnamespace from pg_catalog.pg_class c
    union all
    select 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, p.pronamespace from pg_catalog.pg_proc p
    union all
    select 'pg_catalog.pg_rewrite'::pg_catalog.regclass, w.oid, c.relnamespace
    from pg_catalog.pg_rewrite w join pg_catalog.pg_class c on c.oid = w.ev_class
    union all
    select 'pg_catalog.pg_trigger'::pg_catalog.regclass, t.oid, c.relnamespace
    from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
    union all
    select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, k.connamespace from pg_catalog.pg_constraint k
    union all
    select 'pg_catalog.pg_attrdef'::pg_catalog.regclass, a.oid, c.relnamespace
    from pg_catalog.pg_attrdef a join pg_catalog.pg_class c on c.oid = a.adrelid
    union all
    select 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid, c.relnamespace
    from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
  ) theirs (classid, objid, namespace) on theirs.classid = d.classid and theirs.objid = d.objid
  where d.deptype = 'n'
    and ours.namespace = 'offload'::pg_catalog.regnamespace and theirs.namespace <> ours.namespace;
  if v_dependent is not null then
    raise exception using
      errcode = '2BP01', message = pg_catalog.format('something was built on pg_offload: %s', v_dependent),
      hint = 'Drop or change it first; it would go with schema offload.';
  end if;
  drop schema offload cascade;
end;
$uninstall$;
commit;
