create table products (id int primary key, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.add_store('disk', 'directory', path => '/srv/media');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', strategy => 'redundant',
  local_store => 'disk', source_policy => 'clear', originals => 'discard', grace => '0');
insert into offload.store_check (store, is_reachable, opens) values (1, true, true);
insert into products values (1, test.data_uri(1));
select test.equal(test.work(unreachable => '{disk}'), 'unplaced 1');
select test.rows('select image is not null, image_s3_url from products', array['true|' || test.url(1)], 'one of two is there');
update offload.job set ready_at = clock_timestamp();
select test.equal(test.work(), 'written 1');
select test.holds(image is null, 'both are there') from products;
