create table products (id int primary key, image bytea);
select offload.add_store('cloud', 'cloudinary', bucket => 'demo');
select offload.attach('products', 'image', stores => '{cloud}');
insert into products values (1, test.png(1));
select test.claim() as lease \gset
select lease as upload from offload.begin_upload(sha256(test.object_of(test.png(1))), 44, 'image/webp', 'cloud') \gset
select offload.finish_upload(sha256(test.object_of(test.png(1))), 'cloud', :'upload', 'checksum',
  url => 'https://res.cloudinary.com/demo/image/upload/v1/x.webp', provider => '{"resource_type": "image"}');
select (test.process(:'lease')).* \gset
select test.equal(test.complete(:'lease', :'results', :'contents'), 'written 1');
select test.rows('select image_url, image_source from products_media', array['https://res.cloudinary.com/demo/image/upload/v1/x.webp|cloudinary']);
insert into products (id, image_remote_url) values (2, 'https://res.cloudinary.com/demo/image/upload/v1/x.webp');
select test.equal(test.work(), 'unchanged 1', 'and is adopted');
select test.equal((select count(*) from offload.item where object_hash = sha256(test.object_of(test.png(1)))), 2);
