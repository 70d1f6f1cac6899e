select test.shop();
insert into products (image) values (test.data_uri(1));
select test.work();
update products set name = 'chair';
update products set name = 'table', image = image;
select test.equal((select count(*) from offload.arrival), 0);
select test.equal(image_s3_url, test.url(1)) from products;
