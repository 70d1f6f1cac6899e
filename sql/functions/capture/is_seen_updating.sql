-- Whether an UPDATE of a row that was just inserted could be refused, changed or seen by a trigger or a rule of the
-- table's own, or the row be seen before it. Row security cannot: nothing is generated for a table where it is forced on
-- the owner.

create or replace function offload._is_seen_updating(relation regclass)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.bool_or(
    c.relhasrules
    or exists (
      select from pg_catalog.pg_trigger t
      where t.tgrelid = c.oid and not t.tgisinternal and t.tgname !~ '^zz_offload_'
        -- Each on UPDATE; those on INSERT that are shown the row.
        and (t.tgtype & 16 = 16 or (t.tgtype & 4 = 4 and (t.tgtype & 1 = 1 or t.tgnewtable is not null)))))
  from pg_catalog.pg_class c
  where c.oid = _is_seen_updating.relation
    or c.oid in (select p.relid from pg_catalog.pg_partition_tree(_is_seen_updating.relation) p);
$$;

comment on function offload._is_seen_updating(regclass) is
$$Whether an UPDATE of a row that was just inserted could be refused, changed or seen, or the row be
seen before it.

relation: the table$$;
revoke execute on function offload._is_seen_updating(regclass) from public;
