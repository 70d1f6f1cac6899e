select test.shop();
insert into products (id, image) values (1, test.data_uri(1)), (2, test.data_uri(2));
select test.work();
-- says: encoded
select offload.detach('products', 'image');
update products set image = test.data_uri(3) where id = 2;
update products set image = null where id = 1;
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}');
select test.work();
select test.rows('select id, image_s3_url from products order by id', array['1|' || test.url(1), '2|' || test.url(3)],
  'what changed meanwhile has its own URL, what lost its source keeps the one it has');
select test.rows('select total, with_s3 from offload.storage_stats', array['2|2']);
select test.rows('select key from offload.item i join offload.managed_column c on c.id = i.managed_column where c.detached_at is null order by 1',
  array['["1"]', '["2"]']);
