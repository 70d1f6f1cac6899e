create table products (id int primary key, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', source_policy => 'clear',
  originals => 'discard', grace => '1 hour');
insert into offload.store_check (store, is_reachable, opens) values (1, true, true);
insert into products values (1, test.data_uri(1));
select test.equal(test.work(), 'waiting 1');
select test.rows('select image is not null, image_s3_url from products', array['true|' || test.url(1)]);
select test.rows('select ready_at - clock_timestamp() between ''59 minutes'' and ''1 hour'', attempts from offload.job', array['true|0']);
-- An hour later.
update offload.item set placed_at = placed_at - interval '1 hour';
update offload.job set ready_at = clock_timestamp();
select test.equal(test.work(), 'written 1');
select test.rows('select image is null, image_s3_url from products', array['true|' || test.url(1)]);
select test.equal((select count(*) from offload.arrival), 0);
select test.rows('select total, with_s3, with_base64, with_both, bytes_in_rows from offload.storage_stats', array['1|1|0|0|0']);
