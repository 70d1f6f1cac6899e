create table products (id int primary key, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', source_policy => 'clear',
  originals => 'discard', grace => '0');
insert into products values (1, test.data_uri(1));
select test.equal(test.work(), 'written 1');
select test.rows('select image is not null, image_s3_url from products', array['true|' || test.url(1)], 'never checked');
insert into offload.store_check (store, is_reachable, opens) values (1, true, false);
select offload.configure('products', 'image');
select test.work();
select test.holds(image is not null, 'checked, and it does not open') from products;
update offload.store_check set opens = true;
select offload.configure('products', 'image');
select test.work();
select test.holds(image is null, 'it opens') from products;
