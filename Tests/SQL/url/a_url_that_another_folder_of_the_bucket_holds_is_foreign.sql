select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1', prefix => 'uploads/');
create table products (id int primary key, image text, image_s3_url text);
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}');
insert into products (id, image_s3_url) values
  (1, 'https://shop-media.s3.eu-central-1.amazonaws.com/uploads2/1.png'),
  (2, 'https://shop-media.s3.eu-central-1.amazonaws.com/uploads/1.png');
select test.rows('select id, image_source from products_media order by id', array['1|foreign', '2|s3']);
select test.equal((select array_agg(key) from offload.arrival), array[array['2']], 'only the second is queued');
