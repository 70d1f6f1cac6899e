create table products (id int primary key, front text, back text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'front', stores => '{media}');
select offload.attach('products', 'back', stores => '{media}');
insert into products values (1, test.data_uri(1), test.data_uri(2));
-- session worker
select test.work();
-- session main
update products set front = test.data_uri(3);
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
update products set back = test.data_uri(4);
-- session worker
select test.equal(test.complete(:'lease', :'results', :'contents'), 'changed 1', 'both are looked at again');
select test.work();
select test.rows('select front_remote_url, back_remote_url from products', array[test.url(3) || '|' || test.url(4)]);
