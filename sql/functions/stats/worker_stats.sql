-- Which workers there are.

create or replace view offload.worker_stats as
select
  w.host, w.process_id, w.version, w.started_at, w.seen_at,
  w.seen_at > pg_catalog.clock_timestamp() - interval '1 minute' as is_alive,
  w.in_flight, w.completed, w.failed,
  case when w.seen_at > pg_catalog.clock_timestamp() - interval '1 minute' then w.completed_per_second else 0 end
    as completed_per_second,
  case when w.seen_at > pg_catalog.clock_timestamp() - interval '1 minute' then w.failed_per_second else 0 end
    as failed_per_second
from offload.worker w;

comment on view offload.worker_stats is 'Which workers there are, and what they have done.';
comment on column offload.worker_stats.completed_per_second is 'Between its last two heartbeats; 0 when it is gone, null before the second.';
comment on column offload.worker_stats.failed_per_second is 'Between its last two heartbeats; 0 when it is gone, null before the second.';
revoke all on offload.worker_stats from public;
