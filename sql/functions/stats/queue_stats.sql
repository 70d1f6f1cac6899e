-- What waits, for each managed table.

create or replace view offload.queue_stats as
select
  t.relation,
  count(j.id) filter (where j.lease is null and j.died_at is null
    and coalesce(j.ready_at, '-infinity') <= pg_catalog.clock_timestamp()) as ready,
  count(j.id) filter (where j.lease is null and j.died_at is null and j.ready_at > pg_catalog.clock_timestamp()) as waiting,
  count(j.id) filter (where j.lease is not null) as leased,
  count(j.id) filter (where j.died_at is not null) as dead,
  min(j.created_at) filter (where j.died_at is null) as oldest_at,
  min(j.ready_at) filter (where j.lease is null and j.died_at is null and j.ready_at > pg_catalog.clock_timestamp()) as next_at,
  b.state as backfill,
  b.queued as backfill_queued
from offload.managed_table t
join pg_catalog.pg_class r on r.oid = t.relation
left join offload.backfill b on b.managed_table = t.id
left join offload.job j on j.managed_table = t.id
where t.detached_at is null
group by t.id, t.relation, b.state, b.queued;

comment on view offload.queue_stats is 'What waits, for each managed table.';
comment on column offload.queue_stats.ready is 'Jobs that a worker may take now.';
comment on column offload.queue_stats.waiting is 'Jobs that will be tried later.';
comment on column offload.queue_stats.oldest_at is 'When the oldest job that is not dead was queued.';
comment on column offload.queue_stats.next_at is 'When the next of the waiting jobs is due.';
revoke all on offload.queue_stats from public;
