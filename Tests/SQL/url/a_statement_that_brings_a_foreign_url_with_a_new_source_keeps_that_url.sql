select test.shop();
insert into products (image) values (test.data_uri(1));
select test.work();
update products set image = test.data_uri(2), image_s3_url = 'https://elsewhere.example/2.png';
select test.equal(image_s3_url, 'https://elsewhere.example/2.png') from products;
select test.equal(test.work(), 'unchanged 1', 'the old object is let go of');
select test.equal(image_s3_url, 'https://elsewhere.example/2.png', 'after the work') from products;
select test.equal((select count(*) from offload.item), 0, 'a foreign URL is no item of ours');
