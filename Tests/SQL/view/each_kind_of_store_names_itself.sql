create table products (id int primary key, image text, image_at text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.add_store('cloud', 'cloudinary', bucket => 'demo');
select offload.add_store('disk', 'directory', path => '/srv/media');
select offload.add_store('cdn', 's3', bucket => 'other', public_url => 'https://cdn.example/img/', prefix => 'a/');
select offload.attach('products', 'image', url_column => 'image_at', stores => '{media}');
insert into products values (1, null, 'https://shop-media.s3.eu-central-1.amazonaws.com/1.webp'),
  (2, null, 'https://res.cloudinary.com/demo/image/upload/2.webp'), (3, null, 'file:///srv/media/3.webp'),
  (4, null, 'https://cdn.example/img/a/4.webp'), (5, null, 'https://cdn.example/img/5.webp'), (6, test.data_uri(1), null), (7, null, null);
select test.rows('select id, image_source from products_media order by id',
  array['1|s3', '2|cloudinary', '3|directory', '4|s3', '5|foreign', '6|base64', '7|']);
select test.equal((select count(*) from products_media where image_url = image_at), 5);
