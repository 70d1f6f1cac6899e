create table products (id int primary key, image text);
insert into products select n, 'QUJD' from generate_series(1, 20) n;
select offload.attach('products', 'image');
insert into products values (21, 'QUJD');
select test.rows('select total, counted_at is null, backfill from offload.storage_stats', array['1|true|pending']);
select test.work();
select test.rows('select total, counted_at is null, backfill from offload.storage_stats', array['21|false|complete']);
