-- Hold claimed jobs longer.

create or replace function offload.renew(lease uuid, lease_for interval default '1 minute')
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with renewed as (
    update offload.job j set leased_until = pg_catalog.clock_timestamp() + renew.lease_for
    -- What is being ended beside this needs no renewal, and is not waited for.
    where j.id in (select h.id from offload.job h where h.lease = renew.lease for update skip locked)
    returning j.id
  )
  select count(*) from renewed;
$$;

comment on function offload.renew(uuid, interval) is
$$Hold claimed jobs longer; returns how many are still held.

lease: as the claim gave it
lease_for: from now on$$;
revoke execute on function offload.renew(uuid, interval) from public;
