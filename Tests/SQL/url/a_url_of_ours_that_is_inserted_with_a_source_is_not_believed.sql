select test.shop();
insert into products (image) values (test.data_uri(1));
select test.work();
insert into products (image, image_s3_url) values (test.data_uri(2), test.url(1));
select test.equal(image_s3_url, null) from products where id = 2;
select test.work();
select test.equal(image_s3_url, test.url(2)) from products where id = 2;
