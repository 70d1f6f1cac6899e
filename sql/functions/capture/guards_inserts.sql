-- Whether the guard must come before an INSERT that brings a URL, though COPY then writes row by row. Elsewhere a URL of
-- ours beside a source is taken away after, by an UPDATE of the row: that must be nobody's to refuse, to change or to see.
--
-- So where the table has triggers or rules of its own that are shown the row, before or at that UPDATE; where the URL is
-- in a key, which an INSERT with it could violate; and where constraints, generated columns or indexes call functions,
-- which know the application's search path and not ours. Those of Postgres itself stand in no dependency. Row security
-- needs none of this: nothing is generated for a table where it is forced on the owner.

create or replace function offload._guards_inserts(managed_table int)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with tree as (
    select t.relation as relid from offload.managed_table t where t.id = _guards_inserts.managed_table
    union
    select p.relid from offload.managed_table t, pg_catalog.pg_partition_tree(t.relation) p where t.id = _guards_inserts.managed_table
  ), url as (
    select a.attrelid, a.attnum
    from tree r
    join pg_catalog.pg_attribute a on a.attrelid = r.relid
    join offload.managed_column c on c.url_column = a.attname and c.managed_table = _guards_inserts.managed_table and c.detached_at is null
  ), part as (
    select 'pg_catalog.pg_constraint'::regclass as classid, k.oid from tree r join pg_catalog.pg_constraint k on k.conrelid = r.relid
    union all
    select 'pg_catalog.pg_attrdef'::regclass, d.oid from tree r join pg_catalog.pg_attrdef d on d.adrelid = r.relid
    union all
    select 'pg_catalog.pg_class'::regclass, i.indexrelid from tree r join pg_catalog.pg_index i on i.indrelid = r.relid
  )
  select
    exists (select from tree r join pg_catalog.pg_class c on c.oid = r.relid where c.relhasrules)
    or exists (
      select from tree r join pg_catalog.pg_trigger t on t.tgrelid = r.relid
      where not t.tgisinternal and t.tgname !~ '^zz_offload_'
        -- Each on UPDATE; those on INSERT that are shown the row.
        and (t.tgtype & 16 = 16 or (t.tgtype & 4 = 4 and (t.tgtype & 1 = 1 or t.tgnewtable is not null))))
    or exists (
      select from url u join pg_catalog.pg_index i on i.indrelid = u.attrelid
      where u.attnum = any (i.indkey::smallint[]) and (i.indisunique or i.indisexclusion))
    or exists (
      select from url u join pg_catalog.pg_constraint k on k.conrelid = u.attrelid
      where k.contype = 'f' and u.attnum = any (k.conkey))
    or exists (
      select from part p join pg_catalog.pg_depend d on d.classid = p.classid and d.objid = p.oid
      where d.refclassid in ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass));
$$;

comment on function offload._guards_inserts(int) is
$$Whether the guard must come before an INSERT that brings a URL.

managed_table: its id$$;
revoke execute on function offload._guards_inserts(int) from public;
