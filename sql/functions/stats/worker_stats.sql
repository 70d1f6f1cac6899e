-- Which workers there are.

create or replace view offload.worker_stats as
select
  w.host, w.process_id, w.version, w.started_at, w.seen_at,
  w.seen_at > pg_catalog.clock_timestamp() - interval '1 minute' as is_alive,
  w.in_flight, w.completed, w.failed
from offload.worker w;

comment on view offload.worker_stats is 'Which workers there are, and what they have done.';
revoke all on offload.worker_stats from public;
