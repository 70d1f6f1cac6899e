create table products (id int primary key, image bytea);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', stores => '{media}', source_policy => 'replace', originals => 'archive');
insert into products values (1, test.png(1));
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- As if the original had not arrived.
update offload.replica set state = 'missing' where object_hash = sha256(test.png(1));
select test.raises(format('select * from offload.complete(%L, %L, %L)', :'lease', :'results', :'contents'), 'OF023', 'would be lost');
select test.equal(image, test.png(1)) from products;
update offload.replica set state = 'stored';
select test.equal(test.complete(:'lease', :'results', :'contents'), 'written 1');
select test.equal(image, test.object_of(test.png(1))) from products;
select test.equal(original_hash, sha256(test.png(1)), 'the item knows its original') from offload.item;
select test.equal((select count(*) from offload.object where unreferenced_since is null), 2, 'which is referred to');
select offload.configure('products', 'image', grace => '1 day');
select test.work();
select test.equal(original_hash, sha256(test.png(1)), 'still, after another look') from offload.item;
select test.equal((select count(*) from offload.object where unreferenced_since is null), 2);
update products set image = test.png(2);
select test.work();
select test.equal((select count(*) from offload.object where unreferenced_since is not null), 2, 'another image lets go of both');
