create table products (id int primary key, image text, image_s3_url text);
insert into products values (1, null, 'https://s3.example/shop/products/1.jpg'), (2, test.base64(2), null);
select offload.add_store('media', 's3', endpoint => 'https://s3.example', bucket => 'shop');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}');
select test.work();
select offload.configure_store('media', public_url => 'https://cdn.example');
select offload.rewrite_urls('media');
select test.equal(offload.rewrite_batch(100), 2);
select test.rows('select id, image_s3_url from products order by id',
  array['1|https://s3.example/shop/products/1.jpg', '2|' || test.url(2)]);
select test.holds(image_s3_url like 'https://cdn.example/%') from products where id = 2;
select test.rows('select work, state, left_behind from offload.store_progress', array['rewrite|complete|0']);
