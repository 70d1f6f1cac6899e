-- Hold claimed jobs longer.

create or replace function offload.renew(lease uuid, lease_for interval default '1 minute', jobs bigint[] default null)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
  with renewed as (
    update offload.job j set leased_until = pg_catalog.clock_timestamp() + renew.lease_for
    -- What is being ended beside this needs no renewal, and is not waited for. Who names the jobs is led to no index of
    -- leases, where all that were held beside an old transaction would be looked through.
    where j.id in (
      select h.id from offload.job h
      where h.id = any (coalesce(renew.jobs, array(select l.id from offload.job l where l.lease = renew.lease)))
        and coalesce(h.lease = renew.lease, false)
      for update skip locked)
    returning j.id
  )
  select count(*) from renewed;
$$;

comment on function offload.renew(uuid, interval, bigint[]) is
$$Hold claimed jobs longer; returns how many are still held.

lease: as the claim gave it
lease_for: from now on
jobs: which; null: all that the lease holds$$;
revoke execute on function offload.renew(uuid, interval, bigint[]) from public;
