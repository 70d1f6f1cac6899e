create table products (id int primary key, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', source_policy => 'clear',
  originals => 'discard', grace => '0');
insert into offload.store_check (store, is_reachable, opens) values (1, true, true);
insert into products values (1, test.data_uri(1));
select test.work();
update products set image_s3_url = 'https://elsewhere.example/1.png';
select test.equal(image_s3_url, test.url(1), 'a foreign URL does not take its place') from products;
update products set image_s3_url = null;
select test.rows('select image, image_s3_url from products', array['|']);
select test.work();
select test.equal((select count(*) from offload.item), 0);
select test.holds(unreferenced_since is not null, 'the object is garbage') from offload.object;
