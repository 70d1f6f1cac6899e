-- Free the jobs whose lease has ended: their worker is gone or too slow.
--
-- All leases of hours lie in the index, dead, where a long transaction keeps them. Who has looked before needs only those
-- that ended since, and now and then all of them: one may have been locked, or committed late.

create or replace function offload.reap(back interval default null)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
  -- A volatile function is no condition of an index.
  v_now timestamptz := pg_catalog.clock_timestamp();
  v_reaped bigint;
begin
  with ended as materialized (
    select j.id from offload.job j
    where j.lease is not null and j.leased_until < v_now and j.leased_until >= coalesce(v_now - reap.back, '-infinity')
    order by j.leased_until
    limit 10000
    for update skip locked
  ), reaped as (
    update offload.job j set
      lease = null, leased_until = null, ready_at = pg_catalog.clock_timestamp(),
      died_at = case when j.attempts >= offload._max_attempts(j.managed_table) then pg_catalog.clock_timestamp() end,
      reason = 'worker_lost',
      detail = pg_catalog.format('held until %s, and no longer', j.leased_until)
    from ended e
    where j.id = e.id
    returning j.id
  )
  select count(*) into v_reaped from reaped;
  return v_reaped;
end;
$$;

comment on function offload.reap(interval) is
$$Free the jobs whose lease has ended; returns how many, at most 10,000.

back: only leases that ended so lately; null: all$$;
revoke execute on function offload.reap(interval) from public;
