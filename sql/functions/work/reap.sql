-- Free the jobs whose lease has ended: their worker is gone or too slow.
--
-- And those that were put aside for a column that is paused no more, however that came about.

create or replace function offload.reap()
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with ended as (
    select j.id from offload.job j
    where j.lease is not null and j.leased_until < pg_catalog.clock_timestamp()
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
  ), stranded as (
    select j.id from offload.job j
    where j.lease is null and j.died_at is null and j.ready_at = 'infinity'
      and j.managed_table not in (
        select c.managed_table from offload.managed_column c where c.detached_at is null and c.paused_at is not null)
    limit 10000
    for update of j skip locked
  ), freed as (
    update offload.job j set ready_at = pg_catalog.clock_timestamp()
    from stranded s
    where j.id = s.id
    returning j.id
  )
  select (select count(*) from reaped) + (select count(*) from freed);
$$;

comment on function offload.reap() is
  'Free the jobs whose lease has ended, and those of a table of which no column is paused any more; returns how many.';
revoke execute on function offload.reap() from public;
