create table products (id int primary key, image bytea);
create table parts (id int primary key, image bytea);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.note_check('media', true, true);
select offload.attach('products', 'image', stores => '{media}');
select offload.attach('parts', 'image', stores => '{media}');
insert into products values (1, test.png(1));
insert into parts values (1, test.png(2));
select test.work();
select test.equal((select count(*) from offload.replica), 2, 'no original');
select offload.configure('products', 'image', source_policy => 'clear', originals => 'archive', grace => '0');
select test.work(unreachable => '{media}');
select test.equal(image, test.png(1), 'not before its original is in the store') from products;
select offload.configure('parts', 'image', source_policy => 'replace', originals => 'archive');
select offload.configure('products', 'image');
select test.work();
select test.holds(image is null and image_remote_url is not null) from products;
select test.equal(image, test.object_of(test.png(2))) from parts;
select test.equal((select count(*) from offload.replica r where r.state = 'stored'
  and r.object_hash in (sha256(test.png(1)), sha256(test.png(2)))), 2);
select test.equal((select count(*) from offload.item i
  where i.original_hash in (sha256(test.png(1)), sha256(test.png(2)))), 2, 'the items know their originals');
