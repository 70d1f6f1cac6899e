select test.shop();
insert into products (image) values (test.data_uri(1));
-- session worker
begin;
select test.equal(test.work(), 'written 1');
-- session application, which waits
update products set name = 'second';
-- session worker
commit;
-- session application
select test.rows('select name, image_s3_url from products', array['second|' || test.url(1)]);
select test.equal((select count(*) from offload.arrival), 0);
