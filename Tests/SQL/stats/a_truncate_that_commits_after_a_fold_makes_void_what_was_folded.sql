create table products (id int primary key, image text, image_at text);
select offload.attach('products', 'image', url_column => 'image_at');
insert into products select n, 'QUJD' from generate_series(1, 150) n;
select test.work();
-- session a
begin;
truncate products;
insert into products values (1, 'QUJD');
-- session b
select test.holds(offload.fold_counts() >= 100);
select test.rows('select total from offload.storage_stats', array['150']);
-- session a
commit;
select test.rows('select total, with_base64 from offload.storage_stats', array['1|1']);
insert into products select n, 'QUJD' from generate_series(2, 150) n;
select test.holds(offload.fold_counts() >= 100);
select test.rows('select total, with_base64 from offload.storage_stats', array['150|150']);
