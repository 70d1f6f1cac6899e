select test.shop();
insert into products (image) values (test.data_uri(1));
select test.work();
-- What an application could set itself does not open the URL column to it.
select set_config('offload.write_back', 'on', false);
update products set image_s3_url = 'https://elsewhere.example/1.png';
select test.equal(image_s3_url, test.url(1), 'a made-up mark') from products;
select set_config('offload.write_back', gen_random_uuid()::text, false);
update products set image_s3_url = null;
select test.equal(image_s3_url, test.url(1), 'another mark') from products;
update products set image = test.data_uri(2);
select test.equal(image_s3_url, null, 'a change of the source') from products;
select set_config('offload.write_back', '', false);
select test.work();
select test.equal(image_s3_url, test.url(2), 'and the change was queued all the same') from products;
