select test.shop();
insert into products (image) values (test.data_uri(1));
select test.work();
update products set image_s3_url = 'https://elsewhere.example/1.png';
select test.equal(image_s3_url, test.url(1)) from products;
