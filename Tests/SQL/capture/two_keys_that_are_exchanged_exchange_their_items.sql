create table products (id int primary key deferrable initially deferred, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}');
insert into products values (1, test.data_uri(1)), (2, test.data_uri(2));
select test.work();
update products set id = 3 - id;
select test.equal(test.work(), 'unchanged 2');
select test.rows('select i.key, i.source_hash = sha256(test.png((3 - i.key[1]::int))) from offload.item i order by 1',
  array['["1"]|true', '["2"]|true']);
select test.rows('select id, image_s3_url from products order by id', array['1|' || test.url(2), '2|' || test.url(1)]);
