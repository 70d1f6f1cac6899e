create table products (id int primary key, image text, photo bytea);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', stores => '{media}', source_policy => 'replace', originals => 'discard');
select offload.attach('products', 'photo', stores => '{media}', source_policy => 'replace', originals => 'discard');
insert into products values (1, test.base64(1), test.png(2)), (2, test.data_uri(3), null);
select test.work();
select test.equal(image, encode(test.object_of(test.png(1)), 'base64'), 'base64 stays base64') from products where id = 1;
select test.equal(photo, test.object_of(test.png(2))) from products where id = 1;
select test.equal(image, 'data:image/webp;base64,' || encode(test.object_of(test.png(3)), 'base64'), 'a data URI says what it holds now')
from products where id = 2;
select test.rows('select image_remote_url, photo_remote_url from products order by id',
  array[test.url(1) || '|' || test.url(2), test.url(3) || '|']);
select test.equal((select count(*) from offload.arrival), 0, 'our own write queues nothing');
select offload.configure('products', 'photo', grace => '1 day');
select test.equal(test.work(), 'unchanged 2', 'and is not encoded again');
