create table products (id int primary key, image bytea, photo text);
select offload.attach('products', 'image', strategy => 'local_primary', threshold => 1044);
select offload.attach('products', 'photo', strategy => 'local_primary', threshold => 2000);
insert into products values (1, test.png(1, 1044), test.base64(1, 2001)), (2, test.png(2, 2044), test.base64(2, 2000)),
  (3, 'no image', 'neither'), (4, null, null);
select test.equal(test.work(), 'unchanged 3');
select test.rows('select column_name, measured, refused, source_bytes, object_bytes, replace_saves, store_saves, hybrid_saves
  from offload.compression_stats order by 1', array[
    'image|2|1|3088|88|3000|3088|2044',
    'photo|2|1|5336|120|5216|5336|2668']);
select test.rows('select image = test.png(1, 1044), image_remote_url, photo = test.base64(1, 2001), photo_remote_url from products where id = 1',
  array['true||true|'], 'nothing was changed');
select test.equal((select count(*) from offload.replica), 0);
