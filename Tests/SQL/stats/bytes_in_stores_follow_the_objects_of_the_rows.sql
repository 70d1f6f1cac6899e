select test.shop();
insert into products (id, image) values (1, test.base64(1, 1044)), (2, test.base64(1, 1044)), (3, test.base64(3, 544));
select test.work();
select test.rows('select bytes_in_rows, bytes_in_stores, bytes_saved from offload.storage_stats',
  array[(2 * length(test.base64(1, 1044)) + length(test.base64(3, 544))) || '|132|2500']);
update products set image = null where id = 1;
delete from products where id = 3;
select test.work();
select test.rows('select bytes_in_stores, bytes_saved from offload.storage_stats', array['44|1000']);
select test.rows('select name, objects, bytes, uploading from offload.store_stats', array['media|2|88|0'], 'what the store itself holds goes only with collection');
truncate products;
select test.work();
select test.rows('select bytes_in_rows, bytes_in_stores, bytes_saved from offload.storage_stats', array['0|0|0']);
