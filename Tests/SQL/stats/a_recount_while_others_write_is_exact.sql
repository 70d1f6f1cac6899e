create table products (id int primary key, image text, image_at text);
insert into products select n, 'QUJD' from generate_series(1, 20) n;
select offload.attach('products', 'image', url_column => 'image_at', backfill => false);
-- session writer
begin;
insert into products values (21, 'QUJD');
delete from products where id < 4;
-- session main
select offload.recount(1);
select test.rows('select total from offload.storage_stats', array['20']);
-- session writer
select test.rows('select total from offload.storage_stats', array['18']);
commit;
-- session main
select test.rows('select total from offload.storage_stats', array['18']);
