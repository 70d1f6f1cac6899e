-- Hold chosen jobs for a time, and count the attempt. Those that are new move from offload.arrival to offload.job.

create or replace function offload._lease(
  jobs bigint[], attempts int[], created_at timestamptz[], lease uuid, lease_for interval)
returns table (job bigint, managed_table int, key text[], attempt int)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Each job is looked up by its id, and there is nothing to join, which the planner could begin with all that waits: the
-- plan is made once.
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
  return query
    with gone as (
      delete from only offload.arrival a
      where a.id = any (_lease.jobs)
      returning a.id, a.managed_table, a.key, array_position(_lease.jobs, a.id) as n
    ), claimed as (
      insert into offload.job (id, managed_table, key, created_at, attempts, lease, leased_until)
      select g.id, g.managed_table, g.key, _lease.created_at[g.n], _lease.attempts[g.n] + 1, _lease.lease,
        pg_catalog.clock_timestamp() + _lease.lease_for
      from gone g
      returning id, managed_table, key, attempts
    ), claimed_again as (
      update offload.job j set
        lease = _lease.lease,
        leased_until = pg_catalog.clock_timestamp() + _lease.lease_for,
        attempts = _lease.attempts[array_position(_lease.jobs, j.id)] + 1,
        created_at = _lease.created_at[array_position(_lease.jobs, j.id)]
      where j.id = any (_lease.jobs)
      returning j.id, j.managed_table, j.key, j.attempts
    )
    select * from claimed
    union all
    select * from claimed_again;
end;
$$;

comment on function offload._lease(bigint[], int[], timestamptz[], uuid, interval) is
$$Hold chosen jobs for a time, and count the attempt.

jobs: as _pick chose them, in the same transaction
attempts: how often each was claimed before
created_at: since when each row waits
lease: what the lease is called
lease_for: how long it lasts$$;
revoke execute on function offload._lease(bigint[], int[], timestamptz[], uuid, interval) from public;
