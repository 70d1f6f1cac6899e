create table products (id int primary key, image bytea);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', stores => '{media}', source_policy => 'replace', originals => 'discard');
insert into products values (1, test.png(1));
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
update products set image = test.png(2);
-- session worker
select test.equal(test.complete(:'lease', :'results', :'contents'), 'changed 1');
select test.equal(image, test.png(2)) from products;
