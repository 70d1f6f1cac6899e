select test.shop();
insert into products (image) values (test.data_uri(1));
select offload.configure('products', 'image', max_attempts => 3);
select test.work(unreachable => '{media}');
update offload.job set ready_at = clock_timestamp();
-- Three workers die of the value, one after the other.
select test.claim(100, '0');
select offload.reap();
select test.claim(100, '0');
select offload.reap();
select test.rows('select attempts, died_at is null, reason from offload.job', array['2|true|worker_lost']);
select test.claim(100, '0');
select test.equal(offload.reap(), 1);
select test.rows('select attempts, died_at is not null, reason from offload.job', array['3|true|worker_lost']);
select test.equal(test.claim(), null, 'a dead job is not claimed');
select test.rows('select ready, waiting, leased, dead from offload.queue_stats', array['0|0|0|1']);
select test.rows('select key, reason, is_dead, remedy <> '''' from offload.failures', array['["1"]|worker_lost|true|true']);
