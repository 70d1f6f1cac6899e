create table products (id int primary key, image text, image_at text);
select offload.attach('products', 'image', url_column => 'image_at');
select test.work();
insert into products select n, 'QUJD' from generate_series(1, 10) n;
-- session reader
begin isolation level repeatable read;
select test.equal(total, 10) from offload.storage_stats;
-- session writer
insert into products select n, 'QUJD' from generate_series(11, 200) n;
delete from products where id < 6;
select offload.fold_counts();
-- session reader
select test.rows('select total, with_base64 from offload.storage_stats', array['10|10'], 'as the snapshot sees the table');
select test.equal((select count(*) from products), 10);
commit;
select test.rows('select total, with_base64 from offload.storage_stats', array['195|195']);
