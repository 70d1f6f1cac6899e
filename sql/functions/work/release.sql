-- Give claimed jobs back, to be tried again later. The attempt does not count.
--
-- Idempotent: a worker whose lease has ended changes nothing.

create or replace function offload.release(jobs bigint[], lease uuid, delay interval default '0', reason text default null)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with released as (
    update offload.job j set
      lease = null, leased_until = null, attempts = j.attempts - 1,
      -- What waits for a store waits in whole seconds, so that the oldest goes first when it is back.
      ready_at = case when release.reason = 'store_unavailable'
        then pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() + release.delay) + interval '1 second'
        else pg_catalog.clock_timestamp() + release.delay end,
      reason = coalesce(release.reason, j.reason)
    where j.id = any (coalesce(release.jobs, array(select h.id from offload.job h where h.lease = release.lease)))
      and coalesce(j.lease = release.lease, false)
    returning j.id
  )
  select count(*) from released;
$$;

comment on function offload.release(bigint[], uuid, interval, text) is
$$Give claimed jobs back; returns how many were still held.

jobs: which; null: all that the lease holds
lease: as the claim gave it
delay: how long they wait
reason: what they wait for, as in offload.refusal_reason$$;
revoke execute on function offload.release(bigint[], uuid, interval, text) from public;
