create table products (id int primary key, image bytea, other text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', stores => '{media}', strategy => 'hybrid', threshold => 200);
select offload.attach('products', 'other', stores => '{media}', strategy => 'hybrid', threshold => 200);
insert into products values (1, test.png(1, 200), test.base64(1, 200)), (2, test.png(2, 201), test.base64(2, 201));
select test.work();
select test.rows('select image_remote_url is not null, other_remote_url is not null from products order by id',
  array['false|false', 'true|true']);
