-- What a listener must know before it waits: when the next retry is due, and whether there is work of another kind.

create or replace function offload.next_due()
returns table (due interval, is_backfilling boolean, is_bell_off boolean, notification_usage double precision)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  select
    least((
      select min(j.ready_at)
      from offload.job j
      where j.lease is null and j.died_at is null and j.ready_at is not null and j.ready_at < 'infinity'
    ), (
      select min(b.ready_at)
      from offload.backfill b
      where b.state in ('pending', 'sweeping') and b.ready_at > pg_catalog.clock_timestamp()
    )) - pg_catalog.clock_timestamp(),
    exists (
      select from offload.backfill b
      where b.state in ('pending', 'sweeping') and coalesce(b.ready_at, '-infinity') <= pg_catalog.clock_timestamp()
    ),
    exists (select from offload.setting s where s.name = 'doorbell' and s.value <> 'on'),
    pg_catalog.pg_notification_queue_usage();
$$;

comment on function offload.next_due() is
$$What a listener must know before it waits: how long until the next retry or the next rows of a sweep, whether rows
wait to be queued, whether the doorbell is off, and how full the server's queue of notifications is, from 0 to 1. Jobs of
a paused column are never due.$$;
revoke execute on function offload.next_due() from public;
