select gen_random_uuid() as worker \gset
select offload.heartbeat(:'worker', 'host', 1, '0.1.0', 5, 10, 1);
select test.rows('select in_flight, completed, completed_per_second from offload.worker_stats', array['5|10|']);
update offload.worker set seen_at = clock_timestamp() - interval '10 seconds';
select offload.heartbeat(:'worker', 'host', 1, '0.1.0', 7, 110, 3);
-- The statements themselves take some time, too.
select test.rows('select in_flight, completed, completed_per_second between 7 and 10, failed_per_second between 0.14 and 0.2 from offload.worker_stats',
  array['7|110|true|true']);
update offload.worker set seen_at = clock_timestamp() - interval '2 minutes';
select test.rows('select is_alive, completed_per_second from offload.worker_stats', array['false|0']);
