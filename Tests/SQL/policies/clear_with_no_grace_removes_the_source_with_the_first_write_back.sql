create table products (id int primary key, image bytea, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', source_policy => 'clear',
  originals => 'discard', grace => '0');
insert into offload.store_check (store, is_reachable, opens) values (1, true, true);
insert into products values (1, test.png(1)), (2, test.png(1));
select test.equal(test.work(), 'written 2');
select test.rows('select image is null, image_s3_url from products', array['true|' || test.url(1), 'true|' || test.url(1)]);
