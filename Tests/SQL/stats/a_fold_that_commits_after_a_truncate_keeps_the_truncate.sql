create table products (id int primary key, image text, image_at text);
select offload.attach('products', 'image', url_column => 'image_at');
insert into products select n, 'QUJD' from generate_series(1, 150) n;
select test.work();
-- session b
begin;
select test.holds(offload.fold_counts() >= 100);
-- session a
truncate products;
insert into products values (1, 'QUJD');
select test.rows('select total from offload.storage_stats', array['1']);
select test.equal(offload.fold_counts(), 0, 'one folds at a time');
-- session b
commit;
select test.rows('select total, with_base64 from offload.storage_stats', array['1|1']);
