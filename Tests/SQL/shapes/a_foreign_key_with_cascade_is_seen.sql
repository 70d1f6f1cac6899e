create table shops (id int primary key);
create table products (
  id int primary key, shop int references shops on delete cascade on update cascade, image text, image_at text);
create table parts (
  product int references products on update cascade on delete cascade, n int, image text, primary key (product, n));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_at', stores => '{media}');
select offload.attach('parts', 'image', stores => '{media}');
insert into shops values (1), (2);
insert into products values (1, 1, test.data_uri(1)), (2, 2, test.data_uri(2));
insert into parts values (1, 1, test.data_uri(3)), (2, 1, test.data_uri(4));
select test.equal(test.work(), 'written 4');
update products set id = 7 where id = 1;
select test.equal(test.work(), 'gone 2, unchanged 2', 'the keys that moved, in both tables');
select test.rows('select c.managed_table, i.key from offload.item i join offload.managed_column c on c.id = i.managed_column order by 1, 2',
  array['1|["2"]', '1|["7"]', '2|["2","1"]', '2|["7","1"]']);
select test.rows('select image_remote_url from parts where product = 7', array[test.url(3)]);
delete from shops where id = 1;
select test.equal(test.work(), 'gone 2', 'the cascade went through both tables');
select test.rows('select relation::text, total, with_s3 from offload.storage_stats order by 1', array['parts|1|1', 'products|1|1']);
select test.equal((select count(*) from offload.object where unreferenced_since is not null), 2::bigint);
