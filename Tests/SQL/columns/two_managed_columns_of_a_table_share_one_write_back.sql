create table products (id int primary key, front text, front_url_ text, back bytea, back_url_ text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'front', url_column => 'front_url_', stores => '{media}');
select offload.attach('products', 'back', url_column => 'back_url_', stores => '{media}');
select test.equal((select count(*) from offload.managed_table), 1);
select test.equal((select count(*) from pg_trigger where tgrelid = 'products'::regclass and tgname like 'zz_offload_guard%'), 1);
select test.work();
insert into products (id, front, back) values (1, test.data_uri(1), test.png(2)), (2, null, test.png(3)), (3, test.data_uri(4), null);
select test.equal(test.work(), 'written 3');
select test.rows('select id, front_url_, back_url_ from products order by id', array[
  '1|' || test.url(1) || '|' || test.url(2), '2||' || test.url(3), '3|' || test.url(4) || '|']);
update products set back = test.png(5) where id = 1;
select test.rows('select front_url_, back_url_ from products where id = 1', array[test.url(1) || '|'], 'the other column keeps its URL');
select test.work();
select test.rows('select front_url_, back_url_ from products where id = 1', array[test.url(1) || '|' || test.url(5)]);
select test.rows('select column_name, total, with_s3, with_base64 from offload.storage_stats order by 1',
  array['back|3|2|2', 'front|3|2|2']);
select test.rows('select id, front_source, back_source from products_media order by id', array['1|s3|s3', '2||s3', '3|s3|']);
