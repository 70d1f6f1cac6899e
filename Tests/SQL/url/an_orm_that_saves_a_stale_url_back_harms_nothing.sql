select test.shop();
insert into products (image) values (test.data_uri(1));
select test.work();
update products set image = test.data_uri(2);
select test.work();
-- What the application had read before the second image: the whole row, with the first one's URL.
update products set name = 'saved', image = image, image_s3_url = test.url(1);
select test.rows('select name, image_s3_url from products', array['saved|' || test.url(2)]);
select test.equal((select count(*) from offload.arrival), 0, 'nothing was queued');
