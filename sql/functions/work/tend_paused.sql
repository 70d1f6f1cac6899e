-- Put the jobs of paused tables aside, and let those go on that are paused no more: a part of them, to be called again.

create or replace function offload.tend_paused(batch int default 10000)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  select offload._put_aside(tend_paused.batch) + offload._bring_back(tend_paused.batch);
$$;

comment on function offload.tend_paused(int) is
$$Put the jobs of paused tables aside, and let those go on that are paused no more; returns how many. To be called again
while it is not 0.

batch: at most so many of each$$;
revoke execute on function offload.tend_paused(int) from public;
