select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
-- session worker
insert into offload.arrival (managed_table, key) values (1, '{1}');
select test.claim() as lease \gset
-- session application
update products set image = test.data_uri(2);
-- session worker
select test.equal(test.look(:'lease'), '0 ended, 1 left', 'the change is seen');
select test.equal(offload.release(array(select id from offload.job where lease = :'lease'), :'lease'), 1);
select test.equal(test.work(), 'written 1');
select test.rows('select image_s3_url from products', array[test.url(2)]);
