select test.shop();
insert into products (image) values (test.data_uri(1));
select test.work();
-- The application read the row before it had a URL, and saves every column.
update products set name = 'saved', image = test.data_uri(1), image_s3_url = null;
select test.rows('select name, image_s3_url from products', array['saved|' || test.url(1)]);
select test.equal((select count(*) from offload.arrival), 0, 'nothing was queued');
