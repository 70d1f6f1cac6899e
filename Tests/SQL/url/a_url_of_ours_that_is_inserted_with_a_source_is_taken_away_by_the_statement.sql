create table products (id int primary key, image text, image_at text, photo bytea, photo_at text);
create table events (id int, day date, image text, image_at text, primary key (id, day)) partition by range (day);
create table events_1 partition of events for values from ('2026-01-01') to ('2026-02-01');
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_at', stores => '{media}');
select offload.attach('products', 'photo', url_column => 'photo_at', stores => '{media}');
select offload.attach('events', 'image', url_column => 'image_at', stores => '{media}');
select test.work();
select test.equal((select count(*) from pg_trigger where tgname ~ '^zz_offload' and tgtype & 6 = 6), 0, 'nothing that COPY would have to call row by row');
select test.url(1) as ours \gset

begin;
insert into products values
  (1, test.data_uri(2), :'ours', null, null),
  (2, test.data_uri(2), 'https://elsewhere.example/1.png', test.png(3), :'ours'),
  (3, null, :'ours', null, :'ours'),
  (4, test.data_uri(2), null, null, null);
select test.rows('select id, image_at, photo_at from products order by id', array[
  '1||', '2|https://elsewhere.example/1.png|', '3|' || test.url(1) || '|' || test.url(1), '4||'], 'in the same transaction');
select test.rows('select key from offload.arrival order by id', array['["1"]', '["2"]', '["3"]', '["4"]'], 'one job a row');
commit;
copy products (id, image, image_at) from stdin;
5	QUJD	https://shop-media.s3.eu-central-1.amazonaws.com/ab/cd/abcd.webp
\.
select test.equal(image_at, null, 'COPY') from products where id = 5;
insert into products (id, image) values (1, test.data_uri(4)) on conflict (id) do update set image = excluded.image, image_at = :'ours';
select test.equal(image_at, null, 'an upsert') from products where id = 1;
insert into events values (1, '2026-01-01', test.data_uri(2), :'ours');
select test.rows('select id, image_at from events', array['1|'], 'a partition');
select test.rows('select relation, column_name, total, with_s3, with_base64, with_both from offload.storage_stats order by relation::text, 2', array[
  'events|image|1|0|1|0', 'products|image|5|2|4|1', 'products|photo|5|1|1|0'], 'and it is counted so');

set session authorization postgres;
alter table products rename to goods;
grant insert on goods to spec_app;
set session authorization spec_app;
insert into goods (id, image, image_at) values (6, 'QUJD', 'https://shop-media.s3.eu-central-1.amazonaws.com/ab/cd/abcd.webp');
set session authorization spec_owner;
select test.equal(image_at, null, 'renamed, and by one who may insert alone') from goods where id = 6;
select set_config('offload.write_back', 'not the mark', false);
insert into goods (id, image, image_at) values (7, 'QUJD', 'https://shop-media.s3.eu-central-1.amazonaws.com/ab/cd/abcd.webp');
select test.equal(image_at, null, 'who only says to be the write-back is not believed') from goods where id = 7;
