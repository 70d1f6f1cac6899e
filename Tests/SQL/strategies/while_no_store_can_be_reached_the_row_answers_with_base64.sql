select test.shop();
insert into products (image) values (test.data_uri(1));
select test.equal(test.work(unreachable => '{media}'), 'unplaced 1');
select test.rows('select image_url, image_source from products_media', array[test.data_uri(1) || '|base64']);
select test.rows('select reason, ready_at > clock_timestamp(), attempts from offload.job', array['store_unavailable|true|0'], 'not a failure');
select test.rows('select ready, waiting, dead from offload.queue_stats', array['0|1|0']);
update offload.job set ready_at = clock_timestamp();
select test.equal(test.work(), 'written 1');
select test.rows('select image_url, image_source from products_media', array[test.url(1) || '|s3']);
