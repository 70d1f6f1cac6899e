-- What waits, for each managed table.

create or replace view offload.queue_stats as
select
  t.relation,
  count(j.id) filter (where j.lease is null and j.died_at is null
    and coalesce(j.ready_at, '-infinity') <= pg_catalog.clock_timestamp() and p.since is null) as ready,
  count(j.id) filter (where j.lease is null and j.died_at is null and j.ready_at > pg_catalog.clock_timestamp()
    and p.since is null) as waiting,
  count(j.id) filter (where j.lease is not null) as leased,
  count(j.id) filter (where j.died_at is not null) as dead,
  min(j.created_at) filter (where j.died_at is null) as oldest_at,
  min(j.ready_at) filter (where j.lease is null and j.died_at is null and j.ready_at > pg_catalog.clock_timestamp()
    and p.since is null) as next_at,
  b.state as backfill,
  b.queued as backfill_queued,
  count(j.id) filter (where j.lease is null and j.died_at is null and p.since is not null) as paused,
  p.columns as paused_columns,
  p.since as paused_at,
  pg_catalog.pg_notification_queue_usage() as notification_usage
from offload.managed_table t
join pg_catalog.pg_class r on r.oid = t.relation
left join offload.backfill b on b.managed_table = t.id
left join (
  select a.id, a.managed_table, a.created_at, null::timestamptz as ready_at, null::uuid as lease, null::timestamptz as died_at
  from only offload.arrival a
  union all
  select j.id, j.managed_table, j.created_at, j.ready_at, j.lease, j.died_at from offload.job j
) j on j.managed_table = t.id
left join lateral (
  select pg_catalog.array_agg(c.column_name order by c.column_name) as columns, min(c.paused_at) as since
  from offload.managed_column c
  where c.managed_table = t.id and c.detached_at is null and c.paused_at is not null
) p on true
where t.detached_at is null
group by t.id, t.relation, b.state, b.queued, p.columns, p.since;

comment on view offload.queue_stats is 'What waits, for each managed table.';
comment on column offload.queue_stats.ready is 'Jobs that a worker may take now.';
comment on column offload.queue_stats.waiting is 'Jobs that will be tried later.';
comment on column offload.queue_stats.oldest_at is 'When the oldest job that is not dead was queued.';
comment on column offload.queue_stats.next_at is 'When the next of the waiting jobs is due.';
comment on column offload.queue_stats.paused is 'Jobs that wait because a column of the table is paused.';
comment on column offload.queue_stats.paused_columns is 'The columns that offload.pause named; null: none. While there is one, all rows of the table wait.';
comment on column offload.queue_stats.notification_usage is 'How full the server''s queue of notifications is, from 0 to 1; when it is full, commits that notify fail.';
revoke all on offload.queue_stats from public;
