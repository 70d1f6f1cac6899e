select test.shop();
insert into products (image) values (test.data_uri(1));
select test.claim() as lease \gset
select test.equal(offload.fail(array(select id from offload.job), :'lease', 'not_writable', 'products_frozen refuses it', delay => '1 hour'), 0);
select test.rows('select attempts, lease is null, ready_at > clock_timestamp() + interval ''59 minutes'', reason from offload.job', array['1|true|true|not_writable']);
select test.equal(test.claim(), null);
select test.rows('select relation::text, key, reason, detail, is_dead, next_at > clock_timestamp() + interval ''59 minutes'', remedy like ''%retry%'' from offload.failures',
  array['products|["1"]|not_writable|products_frozen refuses it|false|true|true'], 'it is told at once');
select test.rows('select ready, waiting, next_at > clock_timestamp() from offload.queue_stats', array['0|1|true']);
select test.equal(offload.retry('products', 'corrupt'), 0, 'another reason');
select test.equal(offload.retry('products', 'not_writable'), 1, 'and can be hurried');
select test.equal((select count(*) from offload.failures), 0);
select test.equal(test.work(), 'written 1');
-- What waits for its store, too.
insert into products (image) values (test.data_uri(2));
select test.equal(test.work(unreachable => '{media}'), 'unplaced 1');
select test.rows('select reason, is_dead, next_at > clock_timestamp(), remedy like ''%by itself%'' from offload.failures', array['store_unavailable|false|true|true']);
select test.equal(offload.retry(), 1);
select test.equal(test.work(), 'written 1');
-- And what waits for its grace has not failed.
select offload.configure('products', 'image', source_policy => 'clear', originals => 'discard', grace => '1 day');
select offload.note_check('media', true, opens => true);
select test.equal(test.work(), 'waiting 2');
select test.equal((select count(*) from offload.failures), 0);
select test.equal(offload.retry(), 0);
-- A paused column is nobody's failure to hurry.
select offload.configure('products', 'image', source_policy => 'keep');
select test.work();
insert into products (image) values (test.data_uri(3));
select test.claim() as lease \gset
select offload.fail(array(select id from offload.job), :'lease', 'internal', 'something broke', '0');
select offload.pause('products');
select test.equal(test.claim(), null);
select test.equal(offload.retry(), 0);
select test.rows('select reason, next_at from offload.failures', array['internal|infinity']);
