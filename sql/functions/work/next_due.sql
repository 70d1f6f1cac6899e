-- What a listener must know before it waits: when the next retry is due, and whether there is work of another kind.

create or replace function offload.next_due()
returns table (due interval, has_chores boolean, is_bell_off boolean)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with chore as (
    select coalesce(b.ready_at, '-infinity') as ready_at
    from offload.backfill b where b.state in ('pending', 'sweeping') and not b.is_counting
    union all
    select r.ready_at from offload.rewrite r where r.state = 'pending'
    union all
    select '-infinity' from offload.drain d where d.state <> 'complete'
  )
  select
    least((
      select min(j.ready_at)
      from offload.job j
      where j.lease is null and j.died_at is null and j.ready_at is not null and j.ready_at < 'infinity'
        and not exists (
          select from offload.managed_column c
          where c.managed_table = j.managed_table and c.detached_at is null and c.paused_at is not null)
    ), (
      select min(c.ready_at) from chore c where c.ready_at > pg_catalog.clock_timestamp()
    )) - pg_catalog.clock_timestamp(),
    exists (select from chore c where c.ready_at <= pg_catalog.clock_timestamp()),
    exists (select from offload.setting s where s.name = 'doorbell' and s.value <> 'on');
$$;

comment on function offload.next_due() is
$$What a listener must know before it waits: how long until the next retry or the next rows of a sweep, whether rows
wait to be queued or stores to be moved, and whether the doorbell is off. Jobs of a paused column are never due.$$;
revoke execute on function offload.next_due() from public;
