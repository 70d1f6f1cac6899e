-- What keeps a managed table's writes from being captured, or the worker from its rows, and the statement that mends it.
--
-- What its triggers should be is asked of the functions that decided when they were made: what has changed since, such as
-- a trigger of the table's own, is an issue where they would decide more strictly now.

create or replace view offload.integrity_issues as
with expected as (
  select t.id, t.relation, r.relkind, r.relowner, offload._guards_apart(t.id) as is_apart,
    offload._is_changed_before(t.id) as is_changed_before, offload._guards_inserts(t.id) as has_admission,
    (
      select pg_catalog.array_agg(pg_catalog.format('_%s_%s', v.verb, t.id))
      from pg_catalog.unnest(array['guard', 'capture', 'change', 'fetch', 'read', 'scan', 'count', 'write_back']) v (verb)
    ) as functions,
    r.relrowsecurity and r.relforcerowsecurity and not o.rolbypassrls and not o.rolsuper as is_forced
  from offload.managed_table t
  join pg_catalog.pg_class r on r.oid = t.relation
  join pg_catalog.pg_roles o on o.oid = r.relowner
  where t.detached_at is null
), made as (
  select p.proname, p.proowner from pg_catalog.pg_proc p
  where p.pronamespace = (select n.oid from pg_catalog.pg_namespace n where n.nspname = 'offload')
), moved as (
  select c.managed_table, n.name, coalesce(a.attnum, b.attnum) is null as is_gone
  from offload.managed_column c
  join offload.managed_table t on t.id = c.managed_table
  cross join lateral (values (c.column_name, c.column_number), (c.url_column, c.url_number)) n (name, number)
  -- By its number after a rename, by its name after a restore.
  left join pg_catalog.pg_attribute a on a.attrelid = t.relation and a.attnum = n.number and not a.attisdropped
  left join pg_catalog.pg_attribute b on b.attrelid = t.relation and b.attname = n.name and not b.attisdropped
  where c.detached_at is null and a.attname is distinct from n.name
)
select e.relation, i.level, i.issue, coalesce(i.remedy, pg_catalog.format('select offload.refresh(%L);', e.relation::text)) as remedy
from expected e
cross join lateral (
  select 1 as number, 'fail'::text as level,
    pg_catalog.format('trigger %s is missing', pg_catalog.string_agg(f.name, ', ' order by f.name)) as issue, null::text as remedy
  from (
    select pg_catalog.format('zz_offload_%s_%s', v.verb, e.id) as name
    from (values ('guard', true), ('capture', true), ('change', e.is_apart), ('admit', e.has_admission)) v (verb, is_wanted)
    where v.is_wanted
  ) f
  where not exists (select from pg_catalog.pg_trigger g where g.tgname = f.name and g.tgrelid = e.relation)
  having count(*) > 0
  union all
  -- TRUNCATE of one partition fires nothing on its parent, and a partition that was made since has all triggers but this one.
  select 1 as number, 'warn'::text as level,
    'a TRUNCATE of the table, or of a partition made since, is noticed only by the sweep'::text as issue,
    pg_catalog.format('select offload.refresh_partitions(%L);', e.relation::text) as remedy
  where exists (
    select from (
      select p.relid as relation from pg_catalog.pg_partition_tree(e.relation) p where p.isleaf
      union
      select e.relation where e.relkind <> 'p') n
    where not exists (
      select from pg_catalog.pg_trigger g
      where g.tgname = pg_catalog.format('zz_offload_truncate_%s', e.id) and g.tgrelid = n.relation))
  union all
  select 2 as number, 'fail'::text as level, pg_catalog.format('trigger %s was made before the table changed, and does not see all that happens to its rows',
    g.tgname) as issue, null::text as remedy
  from pg_catalog.pg_trigger g
  join pg_catalog.pg_proc p on p.oid = g.tgfoid
  where g.tgrelid = e.relation
    and g.tgname in (pg_catalog.format('zz_offload_guard_%s', e.id), pg_catalog.format('zz_offload_change_%s', e.id))
    and (
      (e.is_changed_before and pg_catalog.cardinality(g.tgattr::smallint[]) > 0)
      or (e.is_apart and g.tgname = pg_catalog.format('zz_offload_guard_%s', e.id) and p.proname = pg_catalog.format('_change_%s', e.id)))
  union all
  select 3 as number, 'fail'::text as level, pg_catalog.format('function %s is missing', pg_catalog.string_agg(n.name, ', ' order by n.name)) as issue,
    null::text as remedy
  from pg_catalog.unnest(e.functions) n (name)
  where not exists (select from made m where m.proname = n.name)
  having count(*) > 0
  union all
  select 4 as number, 'fail'::text as level, 'its owner has changed, and its functions have the rights of the former one'::text as issue,
    null::text as remedy
  where exists (select from made m where m.proname = any (e.functions) and m.proowner <> e.relowner)
  union all
  select 5 as number, 'fail'::text as level, pg_catalog.format('trigger %s is disabled: changes are noticed only by the sweep', g.tgname) as issue,
    pg_catalog.format('alter table %1$s enable trigger %2$s; select offload.sweep(%1$L);', e.relation, g.tgname) as remedy
  from pg_catalog.pg_trigger g
  where g.tgrelid = e.relation and g.tgname ~ '^zz_offload_' and g.tgenabled not in ('O', 'A')
  union all
  select 6 as number, 'warn'::text as level, pg_catalog.format('trigger %I fires after ours, and may leave a stale URL', g.tgname) as issue,
    pg_catalog.format('Give it a name that sorts before zz_offload: alter trigger %I on %s rename to …;', g.tgname, e.relation) as remedy
  from pg_catalog.pg_trigger g
  where g.tgrelid = e.relation and not g.tgisinternal and g.tgtype & 1 = 1 and g.tgtype & 2 = 2 and g.tgtype & 20 <> 0
    and g.tgname > pg_catalog.format('zz_offload_admit_%s', e.id)::name
    and g.tgname <> pg_catalog.format('zz_offload_guard_%s', e.id)::name
  union all
  select 7 as number, 'warn'::text as level, 'row security is forced on its owner, with whose rights rows are read and URLs written'::text as issue,
    pg_catalog.format('alter table %s no force row level security;', e.relation) as remedy
  where e.is_forced
  union all
  select 8 as number, 'fail'::text as level, pg_catalog.format('column %I is NOT NULL, and a new row has no URL yet: inserts fail', a.attname) as issue,
    pg_catalog.format('alter table %s alter column %I drop not null;', e.relation, a.attname) as remedy
  from offload.managed_column c
  join pg_catalog.pg_attribute a on a.attrelid = e.relation and a.attname = c.url_column and a.attnotnull
  where c.managed_table = e.id and c.detached_at is null
  union all
  select case when m.is_gone then 10 else 9 end as number, 'fail'::text as level, case when m.is_gone
      then pg_catalog.format('column %s is not there any more', m.name)
      else pg_catalog.format('column %s was renamed or moved: what is written is not captured', m.name) end as issue, null::text as remedy
  from moved m
  where m.managed_table = e.id
) i (number, level, issue, remedy)
order by e.relation::text, i.number, i.issue;

comment on view offload.integrity_issues is
  'What keeps a managed table''s writes from being captured, or the worker from its rows, and the statement that mends it.';
comment on column offload.integrity_issues.level is 'fail: something is lost or not captured; warn: it may be.';
revoke all on offload.integrity_issues from public;
