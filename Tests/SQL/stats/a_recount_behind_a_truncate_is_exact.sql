create table products (id int primary key, image text, image_at text);
select offload.attach('products', 'image', url_column => 'image_at');
insert into products select n, 'QUJD' from generate_series(1, 20) n;
select test.work();
-- session writer
begin;
truncate products;
-- session main, which waits
select offload.recount(1);
-- session writer
commit;
-- session main
select test.rows('select total from offload.storage_stats', array['0']);
