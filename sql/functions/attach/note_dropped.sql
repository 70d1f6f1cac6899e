-- Mark the managed columns that are not there any more, alone or with their table. Their objects stay until
-- offload.release_detached.
--
-- What a dropped table leaves in the queue goes. A column that was dropped alone waits for offload.refresh: the worker
-- may not make its table's functions anew.

create or replace function offload.note_dropped()
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_noted bigint;
begin
  update offload.managed_column c set
    dropped_at = pg_catalog.clock_timestamp(),
    detached_at = case when not exists (select from pg_catalog.pg_class r where r.oid = t.relation)
      then pg_catalog.clock_timestamp() end
  from offload.managed_table t
  where t.id = c.managed_table and c.detached_at is null and t.detached_at is null
    -- One that was marked goes with its table later.
    and (c.dropped_at is null or not exists (select from pg_catalog.pg_class r where r.oid = t.relation))
    and not exists (
      select from pg_catalog.pg_attribute a
      where a.attrelid = t.relation and not a.attisdropped
        and (a.attname = c.column_name or a.attnum = c.column_number));
  get diagnostics v_noted = row_count;
  if v_noted > 0 then
    with gone as (
      update offload.managed_table t set detached_at = pg_catalog.clock_timestamp()
      where t.detached_at is null and not exists (select from pg_catalog.pg_class r where r.oid = t.relation)
      returning t.id
    ), unqueued as (
      delete from offload.arrival j where j.managed_table in (select g.id from gone g)
    )
    delete from offload.backfill b where b.managed_table in (select g.id from gone g);
    -- A claim may have moved some meanwhile: who waited for it above sees them now.
    delete from offload.job j
    where j.managed_table in (select t.id from offload.managed_table t where t.detached_at is not null);
  end if;
  return v_noted;
end;
$$;

comment on function offload.note_dropped() is
  'Mark the managed columns that are not there any more, alone or with their table; returns how many.';
revoke execute on function offload.note_dropped() from public;
