select test.shop();
insert into products (image) values (test.data_uri(1));
select test.work();
update products set image = test.data_uri(2);
select test.work();
update products set image = test.data_uri(1), image_s3_url = test.url(1);
select test.equal(image_s3_url, null, 'a URL of ours that came with a source counts for nothing') from products;
select test.equal(test.work(), 'written 1');
select test.equal(image_s3_url, test.url(1), 'the object of the first image is known still') from products;
