select test.shop();
insert into products (image) values (test.data_uri(1)), (test.data_uri(2));
select test.equal(test.work(), 'written 2', 'the first work');
select test.rows('select id, image_s3_url from products order by id', array['1|' || test.url(1), '2|' || test.url(2)]);

begin;
update products set image = test.data_uri(3) where id = 1;
select test.equal(image_s3_url, null, 'within the transaction') from products where id = 1;
select test.equal(image_s3_url, test.url(2), 'the other row') from products where id = 2;
commit;
select test.equal(test.work(), 'written 1', 'the second work');
select test.equal(image_s3_url, test.url(3), 'after the second work') from products where id = 1;
