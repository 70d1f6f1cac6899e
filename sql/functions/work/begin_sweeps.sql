-- Begin the sweep of each table that was not looked at for a day, or what the setting sweep_every says ('0': never).
--
-- Rows that a subscription brings are the publisher's, and those that were left alone at the attachment stay alone.

create or replace function offload.begin_sweeps()
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_every interval := coalesce((select s.value::interval from offload.setting s where s.name = 'sweep_every'), '1 day');
  v_begun bigint;
begin
  if v_every <= '0' then
    return 0;
  end if;
  update offload.backfill b set
    state = 'sweeping', after_key = null, until_key = null, is_forced = false, is_pruning = false, is_counting = false, looked_at = 0,
    queued = 0,
    ready_at = null, detail = null, started_at = pg_catalog.clock_timestamp(), finished_at = null
  where b.managed_table in (
    select d.managed_table
    from offload.backfill d
    join offload.managed_table t on t.id = d.managed_table and t.detached_at is null
    join pg_catalog.pg_class c on c.oid = t.relation
    where d.state = 'complete' and d.finished_at < pg_catalog.clock_timestamp() - v_every
      and not offload._is_subscribed(t.relation)
    for update of d skip locked);
  get diagnostics v_begun = row_count;
  return v_begun;
end;
$$;

comment on function offload.begin_sweeps() is
  'Begin the sweep of each table that was not looked at for as long as the setting sweep_every says; returns how many.';
revoke execute on function offload.begin_sweeps() from public;
