-- Say that claimed jobs failed: they are tried again later, or are dead after the last attempt.

create or replace function offload.fail(
  jobs bigint[], lease uuid, reason text, detail text default null, delay interval default '30 seconds')
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with failed as (
    update offload.job j set
      lease = null, leased_until = null,
      ready_at = pg_catalog.clock_timestamp() + fail.delay,
      died_at = case when j.attempts >= offload._max_attempts(j.managed_table) then pg_catalog.clock_timestamp() end,
      reason = fail.reason, detail = fail.detail
    where j.id = any (fail.jobs) and coalesce(j.lease = fail.lease, false)
    returning j.died_at
  )
  select count(*) filter (where f.died_at is not null) from failed f;
$$;

comment on function offload.fail(bigint[], uuid, text, text, interval) is
$$Say that claimed jobs failed; returns how many are dead now.

jobs: which
lease: as the claim gave it
reason: as in offload.refusal_reason
detail: what happened, for a person to read; never a secret
delay: how long until the next attempt$$;
revoke execute on function offload.fail(bigint[], uuid, text, text, interval) from public;
