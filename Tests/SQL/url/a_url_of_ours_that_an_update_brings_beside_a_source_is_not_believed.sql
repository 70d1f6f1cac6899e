select test.shop();
insert into products (image) values (test.data_uri(1));
update products set image_s3_url = test.url(2);
select test.equal(image_s3_url, null, 'it is not written') from products;
update products set image_s3_url = 'https://elsewhere.example/1.png';
select test.equal(image_s3_url, 'https://elsewhere.example/1.png', 'a foreign one is') from products;
