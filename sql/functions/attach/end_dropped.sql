-- End the management of columns that were dropped from a table that is still there; false: none is left to manage.

create or replace function offload._end_dropped(managed_table int)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column record;
begin
  for v_column in
    update offload.managed_column c set
      dropped_at = coalesce(c.dropped_at, pg_catalog.clock_timestamp()), detached_at = pg_catalog.clock_timestamp()
    from offload.managed_table t
    where t.id = _end_dropped.managed_table and c.managed_table = t.id and c.detached_at is null
      and not exists (
        select from pg_catalog.pg_attribute a
        where a.attrelid = t.relation and a.attname = c.column_name and not a.attisdropped)
    returning t.relation, c.column_name
  loop
    raise notice using
      message = pg_catalog.format('column %I of table %s was dropped and is managed no more; its objects stay where they are',
        v_column.column_name, v_column.relation),
      hint = pg_catalog.format('When they are needed no more: select offload.release_detached(%L, %L);',
        v_column.relation::text, v_column.column_name);
  end loop;
  if exists (
    select from offload.managed_column c where c.managed_table = _end_dropped.managed_table and c.detached_at is null) then
    return true;
  end if;
  perform offload._drop_view(_end_dropped.managed_table);
  perform offload._degenerate(_end_dropped.managed_table);
  update offload.managed_table t set detached_at = pg_catalog.clock_timestamp() where t.id = _end_dropped.managed_table;
  delete from offload.backfill b where b.managed_table = _end_dropped.managed_table;
  delete from offload.arrival j where j.managed_table = _end_dropped.managed_table;
  -- A claim may have moved some meanwhile: who waited for it above sees them now.
  delete from offload.job j where j.managed_table = _end_dropped.managed_table;
  return false;
end;
$$;

comment on function offload._end_dropped(int) is
$$End the management of columns that were dropped; false: none is left to manage.

managed_table: its id$$;
revoke execute on function offload._end_dropped(int) from public;
