create table products (id int primary key, image text, image_s3_url varchar(40));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', source_policy => 'clear',
  originals => 'discard', grace => '0');
insert into offload.store_check (store, is_reachable, opens) values (1, true, true);
insert into products values (1, test.data_uri(1));
select test.work();
select test.rows('select image, image_s3_url from products', array[test.data_uri(1) || '|']);
