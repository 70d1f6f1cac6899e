create table products (id int primary key, name text, image text, photo bytea, empty text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', strategy => 's3_primary', stores => '{media}');
select offload.attach('products', 'photo', kind => 'file');
select offload.attach('products', 'empty');
insert into products (id, image, photo) values (1, test.data_uri(1), test.png(1)), (2, test.base64(2), null);
select test.work();
select xmin::text as before from products where id = 1 \gset
select test.equal(test.look_at('1'), '1 ended, 0 left');
select test.equal(test.look_at('2'), '1 ended, 0 left');
select test.equal(xmin::text, :'before', 'no row was updated') from products where id = 1;
-- The same bytes in another version of the row.
update products set name = 'chair';
select test.equal(test.look_at('1'), '1 ended, 0 left');
select test.rows('select distinct i.row_version::text = p.xmin::text from offload.item i, products p where i.key = ''{1}'' and p.id = 1',
  array['true'], 'the sweep need not look again');
select test.rows('select distinct i.row_version::text = p.xmin::text from offload.item i, products p where i.key = ''{2}'' and p.id = 2',
  array['false'], 'and only where one has looked');
-- What was never there needs nothing either.
insert into products (id) values (3);
select test.equal(test.look_at('3'), '1 ended, 0 left');
select test.equal(test.work(), 'nothing');
select test.equal((select count(*) from offload.item), 3);
