create table products (id int primary key, image text);
select offload.add_store('first', 's3', bucket => 'first-media', region => 'eu-central-1');
select offload.add_store('second', 's3', bucket => 'second-media', region => 'eu-central-1');
select offload.attach('products', 'image', stores => '{first,second}');
-- says: to first, then second
insert into products values (1, test.data_uri(1)), (2, test.data_uri(2));
select test.equal(test.work(unreachable => '{first}'), 'written 2');
select test.rows('select image_remote_url from products order by id', array[test.url(1, 'second'), test.url(2, 'second')]);
update products set image = test.data_uri(3) where id = 1;
select test.work();
select test.rows('select image_remote_url from products order by id', array[test.url(3, 'first'), test.url(2, 'second')]);
