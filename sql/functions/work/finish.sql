-- End the jobs that asked for a look at a whole table.

create or replace function offload.finish(jobs bigint[], lease uuid)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with finished as (
    delete from offload.job j where j.id = any (finish.jobs) and coalesce(j.lease = finish.lease, false) returning j.id
  )
  select count(*) from finished;
$$;

comment on function offload.finish(bigint[], uuid) is
$$End claimed jobs that need no write-back, such as the look at a whole table; returns how many were still held.

jobs: which
lease: as the claim gave it$$;
revoke execute on function offload.finish(bigint[], uuid) from public;
