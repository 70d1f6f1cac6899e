select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
insert into offload.arrival (managed_table, key) values (1, '{1}');
-- session worker
begin isolation level repeatable read;
select count(*) from offload.arrival;
-- session application
update products set image = test.data_uri(2);
-- session worker
select test.equal(test.take(), '1 ended, 0 left', 'neither the change nor its job is seen');
commit;
select test.equal((select count(*) from offload.arrival), 1, 'the change''s job is still there');
select test.equal(test.work(), 'written 1');
select test.rows('select image_s3_url from products', array[test.url(2)]);
