-- Take rows to look at, for a time: at most so many, each with all that was queued for it.
--
-- Many workers claim at once and never wait for each other. The low-water mark keeps the scan off the dead tuples of what
-- was done; who uses one must now and then claim without it, for jobs that were committed late. Who names the lease
-- himself can give back what he does not know of: a session may be lost between the claim and its answer.

create or replace function offload.claim(
  batch int default 100,
  lease_for interval default '1 minute',
  low_water_mark bigint default 0,
  name uuid default null,
  alone boolean default true
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
  if claim.low_water_mark = 0 then
    perform offload._put_aside(1000);
  end if;
  v_picked := offload._pick(
    claim.batch, greatest(claim.low_water_mark, (select c.last_value from offload.closed_to c)), claim.alone);
  return query
    select l.job, v_lease, l.managed_table, l.key, l.attempt
    from offload._lease(v_picked.jobs, v_picked.attempts, v_picked.created_at, v_lease, claim.lease_for) l
    order by l.job;
end;
$$;

comment on function offload.claim(int, interval, bigint, uuid, boolean) is
$$Take rows to look at, for a time. Empty: nothing is ready now.

batch: at most so many jobs
lease_for: how long they are held unless renewed
low_water_mark: jobs with a smaller id are passed over, retries excepted
name: what the lease is called; null: a new one
alone: as for offload.take$$;
revoke execute on function offload.claim(int, interval, bigint, uuid, boolean) from public;
