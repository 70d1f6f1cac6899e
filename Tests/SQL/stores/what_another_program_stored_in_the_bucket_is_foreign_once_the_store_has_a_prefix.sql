create table products (id int primary key, image text, image_s3_url varchar(500));
insert into products values
  (1, null, 'https://s3.example/shop/products/1.jpg'), (2, test.base64(2), 'https://s3.example/shop/products/2.jpg'),
  (3, test.base64(3), null);
select offload.add_store('media', 's3', endpoint => 'https://s3.example', bucket => 'shop');
select offload.attach('products', 'image', url_column => 'image_s3_url', strategy => 's3_primary', stores => '{media}');
-- says: column image_s3_url of table public.products has URLs that lie in store "media", which knows no object there: https://s3.example/shop/products/
select offload.configure_store('media', prefix => 'offload/');
select test.rows('table offload.store_url', array['https://s3.example/shop/offload/|1|true']);
select test.work();
select test.rows('select id, image_s3_url from products where id < 3 order by id',
  array['1|https://s3.example/shop/products/1.jpg', '2|https://s3.example/shop/products/2.jpg']);
select test.holds(image_s3_url like 'https://s3.example/shop/offload/%') from products where id = 3;
select test.equal((select count(*) from offload.failures), 0);
-- What the old program goes on writing is foreign, too.
insert into products values (4, test.base64(4), 'https://s3.example/shop/products/4.jpg');
select test.work();
select test.equal((select image_s3_url from products where id = 4), 'https://s3.example/shop/products/4.jpg');
select offload.detach('products', 'image');
select offload.attach('products', 'image', url_column => 'image_s3_url', strategy => 's3_primary', stores => '{media}');
-- never says: which knows no object there
