-- Whether the table, or a partition, has BEFORE triggers of its own for UPDATE: they may change what the statement does not
-- name, so that every UPDATE must be looked at.

create or replace function offload._is_changed_before(managed_table int)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from pg_catalog.pg_trigger g
    where (g.tgrelid = t.relation or g.tgrelid in (select p.relid from pg_catalog.pg_partition_tree(t.relation) p))
      and not g.tgisinternal and g.tgname !~ '^zz_offload_'
      and g.tgtype & 1 = 1 and g.tgtype & 2 = 2 and g.tgtype & 16 = 16)
  from offload.managed_table t
  where t.id = _is_changed_before.managed_table;
$$;

comment on function offload._is_changed_before(int) is
$$Whether the table, or a partition, has BEFORE triggers of its own for UPDATE.

managed_table: its id$$;
revoke execute on function offload._is_changed_before(int) from public;

-- Whether an UPDATE needs two triggers: the guard before it, and the change after.
--
-- One before is enough, and costs an application less, where what it is shown is what will be stored. Not so where the
-- table's own BEFORE triggers say what is looked at, where a column that we read is generated, for it is computed later,
-- in partitions, out of which the same UPDATE may yet move the row, and with arrays, whose size is what is stored of them.

create or replace function offload._guards_apart(managed_table int)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select c.relkind <> 'r' or c.relispartition or offload._is_changed_before(t.id)
    or exists (
      select from pg_catalog.pg_attribute a
      where a.attrelid = t.relation and a.attnum > 0 and a.attgenerated <> ''
        and a.attname in (select w.name from offload._watched_column(t.id) w (name)))
    or exists (
      select from offload.managed_column m
      where m.managed_table = t.id and m.detached_at is null and m.column_type like '%[]')
  from offload.managed_table t
  join pg_catalog.pg_class c on c.oid = t.relation
  where t.id = _guards_apart.managed_table;
$$;

comment on function offload._guards_apart(int) is
$$Whether an UPDATE needs two triggers, one before and one after.

managed_table: its id$$;
revoke execute on function offload._guards_apart(int) from public;
