-- Count a table whose rows have all been looked at, once and whole, and go on behind it.
--
-- The count is one statement, for it must be one snapshot, and takes as long as the table is large: nothing of what was
-- looked at is lost with it. It holds no row that anybody waits for; who counts holds a lock of his own, so that no two
-- count at once. What was asked for meanwhile is left as it is: the count is right all the same.

create or replace function offload.count_rows(managed_table int)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_started_at timestamptz;
begin
  if not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('offload.count_rows', count_rows.managed_table)) then
    return false;
  end if;
  select b.started_at into v_started_at from offload.backfill b
  where b.managed_table = count_rows.managed_table and b.is_counting
    and coalesce(b.ready_at, '-infinity') <= pg_catalog.clock_timestamp();
  if not found then
    return false;
  end if;
  begin
    perform offload.recount(count_rows.managed_table);
  exception
    when lock_not_available or query_canceled or insufficient_privilege or undefined_column or undefined_function
      or undefined_table then
    update offload.backfill b set
      detail = sqlerrm,
      ready_at = pg_catalog.clock_timestamp() + case sqlstate when '55P03' then interval '5 seconds' else '1 minute' end
    where b.managed_table = count_rows.managed_table;
    return false;
  end;
  -- Who holds it changes the table, and may wait for the lock that the count has on it: then it is counted again.
  update offload.backfill b set
    is_counting = false,
    is_pruning = b.state = 'sweeping',
    after_key = case when b.state = 'pending' then b.after_key end,
    state = case when b.state = 'pending' then 'complete' else b.state end,
    ready_at = case when b.state = 'sweeping' then pg_catalog.clock_timestamp() + interval '1 second' end,
    detail = null,
    finished_at = case when b.state = 'pending' then pg_catalog.clock_timestamp() end,
    counted_at = pg_catalog.clock_timestamp()
  where b.managed_table in (
    select h.managed_table from offload.backfill h
    where h.managed_table = count_rows.managed_table and h.is_counting and h.started_at = v_started_at
    for update skip locked);
  return found;
end;
$$;

comment on function offload.count_rows(int) is
$$Count a table behind the last batch of its backfill or its sweep; returns whether it did. It takes as long as the table
is large: without a limit to the statement's time.

managed_table: its id$$;
revoke execute on function offload.count_rows(int) from public;
