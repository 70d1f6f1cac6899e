select offload.heartbeat(gen_random_uuid(), 'host', 1, '0.1.0');
update offload.worker set seen_at = clock_timestamp() - interval '30 seconds';
select offload.add_store('media', 's3', bucket => 'shop-media');
-- says: A worker was seen 3
select test.rows('select host, is_alive from offload.worker_stats', array['host|true']);
update offload.worker set seen_at = clock_timestamp() - interval '2 minutes';
select test.rows('select is_alive from offload.worker_stats', array['false']);
select offload.add_store('other', 's3', bucket => 'other-media');
-- says: Start a worker: offload work --database
update offload.worker set seen_at = clock_timestamp() - interval '2 days';
select offload.heartbeat(gen_random_uuid(), 'other', 1, '0.1.0');
select test.rows('select host from offload.worker_stats', array['other']);
