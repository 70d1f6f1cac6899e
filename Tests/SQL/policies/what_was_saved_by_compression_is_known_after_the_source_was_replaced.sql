create table products (id int primary key, image bytea);
select offload.attach('products', 'image', strategy => 'local_primary', source_policy => 'replace', originals => 'discard');
insert into products values (1, test.png(1, 1044));
select test.equal(test.work(), 'written 1');
select test.rows('select bytes_in_rows, bytes_in_stores, bytes_saved from offload.storage_stats', array['44|0|1000']);
select offload.configure('products', 'image', grace => '0');
select test.equal(test.work(), 'unchanged 1');
select test.rows('select bytes_in_rows, bytes_in_stores, bytes_saved from offload.storage_stats', array['44|0|1000'], 'after another look');
select test.rows('select measured, source_bytes, object_bytes, replace_saves from offload.compression_stats', array['1|1044|44|1000']);
-- A copy of it weighs what it weighs, and stands for what it was made of.
insert into products select 2, image from products;
select test.work();
select test.rows('select bytes_in_rows, bytes_saved from offload.storage_stats', array['88|2000']);
delete from products;
select test.work();
select test.rows('select bytes_in_rows, bytes_saved from offload.storage_stats', array['0|0']);
