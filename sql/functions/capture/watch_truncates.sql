-- Make the triggers of TRUNCATE that are missing. One partition's TRUNCATE fires nothing on its parent, and a new partition
-- is given its parent's triggers for each row, not those for the statement.

create or replace function offload._watch_truncates(managed_table int)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_relation regclass := (select t.relation from offload.managed_table t where t.id = _watch_truncates.managed_table);
  v_name text := pg_catalog.format('zz_offload_truncate_%s', _watch_truncates.managed_table);
  v_leaf regclass;
  v_made bigint := 0;
begin
  for v_leaf in
    select l.leaf
    from (
      select v_relation where not exists (select from pg_catalog.pg_partition_tree(v_relation) p where p.isleaf)
      union all
      select p.relid from pg_catalog.pg_partition_tree(v_relation) p where p.isleaf and p.relid <> v_relation
    ) l (leaf)
    where not exists (
      select from pg_catalog.pg_trigger g
      where g.tgrelid = l.leaf and g.tgname = v_name
        and g.tgfoid in (select f::oid from offload._generated_function(_watch_truncates.managed_table) f))
    order by l.leaf::oid
  loop
    perform offload._lock_table(v_leaf, 'share row exclusive');
    execute pg_catalog.format(
      'create or replace trigger %I after truncate on %s for each statement execute function offload._capture_%s()',
      v_name, v_leaf, _watch_truncates.managed_table);
    perform offload._depend_on_extension(pg_catalog.format('trigger %I on %s', v_name, v_leaf));
    v_made := v_made + 1;
  end loop;
  return v_made;
end;
$$;

comment on function offload._watch_truncates(int) is
$$Make the triggers of TRUNCATE that a managed table or its partitions lack; returns how many.

managed_table: its id$$;
revoke execute on function offload._watch_truncates(int) from public;
