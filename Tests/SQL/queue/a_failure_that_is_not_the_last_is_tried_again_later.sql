select test.shop();
insert into products (image) values (test.data_uri(1));
select test.claim() as lease \gset
select test.equal(offload.fail(array(select id from offload.job), :'lease', 'internal', delay => '1 hour'), 0);
select test.rows('select attempts, lease is null, ready_at > clock_timestamp() + interval ''59 minutes'', reason from offload.job', array['1|true|true|internal']);
select test.equal(test.claim(), null);
select test.equal((select count(*) from offload.failures), 0, 'it is no failure yet');
select test.rows('select ready, waiting, next_at > clock_timestamp() from offload.queue_stats', array['0|1|true']);
