select test.shop();
insert into products (image, image_s3_url) values
  (null, 'https://elsewhere.example/1.png'), (test.data_uri(2), 'https://elsewhere.example/2.png');
select test.equal((select count(*) from offload.arrival), 0, 'nothing was queued');
select offload.sweep('products');
select test.work();
select offload.configure('products', 'image', max_edge => 512);
select test.work();
select test.rows('select id, image_s3_url from products order by id',
  array['1|https://elsewhere.example/1.png', '2|https://elsewhere.example/2.png']);
select test.rows('select total, with_s3, with_base64, with_both from offload.storage_stats', array['2|2|1|1']);
update products set image_s3_url = 'https://elsewhere.example/3.png' where id = 1;
update products set image_s3_url = null where id = 2;
select test.rows('select id, image_s3_url from products order by id', array['1|https://elsewhere.example/3.png', '2|']);
select test.equal(test.work(), 'unchanged 1, written 1', 'without its foreign URL the second is ours to move');
select test.rows('select id, image_s3_url from products order by id',
  array['1|https://elsewhere.example/3.png', '2|' || test.url(2)]);
