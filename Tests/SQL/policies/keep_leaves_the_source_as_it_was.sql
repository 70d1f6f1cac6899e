select test.shop();
insert into products (image) values (test.data_uri(1));
select test.work();
select test.rows('select image, image_s3_url from products', array[test.data_uri(1) || '|' || test.url(1)]);
