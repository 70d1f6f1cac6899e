create table products (id int primary key, front text, back text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'front', stores => '{media}');
select offload.attach('products', 'back', stores => '{media}');
insert into products values (1, test.data_uri(1), test.data_uri(2));
select test.work();
select offload.detach('products', 'front');
update products set front = test.data_uri(3), back = test.data_uri(4);
select test.work();
select test.rows('select front_remote_url, back_remote_url from products', array[test.url(1) || '|' || test.url(4)],
  'the detached column is the application''s again');
select test.rows('select column_name from offload.storage_stats', array['back']);
select test.rows('select id, back_source from products_media', array['1|s3']);
