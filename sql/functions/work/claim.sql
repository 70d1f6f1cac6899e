-- Take rows to look at, for a time: at most so many, each with all that was queued for it.
--
-- Many workers claim at once and never wait for each other. The low-water mark keeps the scan off the dead tuples of what
-- was done; who uses one must now and then claim without it, for jobs that were committed late. Who names the lease
-- himself can give back what he does not know of: a session may be lost between the claim and its answer.

create or replace function offload.claim(
  batch int default 100,
  lease_for interval default '1 minute',
  low_water_mark bigint default 0,
  name uuid default null
)
returns table (job bigint, lease uuid, managed_table int, key text[], attempts int)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_lease uuid := coalesce(claim.name, pg_catalog.gen_random_uuid());
  v_picked record;
begin
  -- Two statements: what was locked after the first began is visible to the second alone.
  v_picked := offload._pick(claim.batch, claim.low_water_mark);
  return query
    select l.job, v_lease, l.managed_table, l.key, l.attempt
    from offload._lease(v_picked.jobs, v_picked.attempts, v_picked.created_at, v_lease, claim.lease_for) l
    order by l.job;
end;
$$;

comment on function offload.claim(int, interval, bigint, uuid) is
$$Take rows to look at, for a time. Empty: nothing is ready now.

batch: at most so many jobs
lease_for: how long they are held unless renewed
low_water_mark: jobs with a smaller id are passed over, retries excepted
name: what the lease is called; null: a new one$$;
revoke execute on function offload.claim(int, interval, bigint, uuid) from public;
