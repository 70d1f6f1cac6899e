select test.shop();
insert into products (image) values (test.data_uri(1));
-- session worker
begin;
select test.equal(test.work(), 'written 1');
-- session application, which waits
update products set image = test.data_uri(2), name = 'second';
-- session worker
commit;
-- session application
select test.equal(image_s3_url, null, 'the URL of the first image is gone') from products;
-- session worker
select test.equal(test.work(), 'written 1');
select test.equal(image_s3_url, test.url(2)) from products;
select test.rows('select with_s3, with_base64 from offload.storage_stats', array['1|1']);
