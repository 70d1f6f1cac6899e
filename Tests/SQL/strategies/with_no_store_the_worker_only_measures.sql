create table products (id int primary key, image bytea);
select offload.attach('products', 'image');
-- says: strategy local_primary
insert into products values (1, test.png(1, 1044));
select test.equal(test.work(), 'unchanged 1');
select test.rows('select image = test.png(1, 1044), image_remote_url from products', array['true|']);
select test.rows('select total, with_s3, bytes_in_rows, bytes_in_stores, bytes_saved from offload.storage_stats', array['1|0|1044|0|1000']);
