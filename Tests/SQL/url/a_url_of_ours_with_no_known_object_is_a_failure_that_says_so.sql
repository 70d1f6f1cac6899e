select test.shop();
insert into products (image_s3_url)
values ('https://shop-media.s3.eu-central-1.amazonaws.com/00/00/' || repeat('0', 64) || '.webp');
select test.work();
select test.rows('select reason, key from offload.failures', array['unknown_object|["1"]']);
select test.holds(remedy <> '', 'it has a remedy') from offload.failures;
select test.holds(image_s3_url is not null, 'the URL stays') from products;
