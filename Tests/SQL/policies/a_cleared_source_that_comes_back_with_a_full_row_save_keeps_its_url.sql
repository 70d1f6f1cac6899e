create table products (id int primary key, name text, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', source_policy => 'clear',
  originals => 'discard', grace => '0');
insert into offload.store_check (store, is_reachable, opens) values (1, true, true);
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
-- says: encoded
-- The application read the row before the source was cleared, and saves it whole.
update products set name = 'saved', image = test.data_uri(1), image_s3_url = null;
select test.work();
-- never says: encoded
select test.rows('select name, image, image_s3_url from products', array['saved||' || test.url(1)]);
