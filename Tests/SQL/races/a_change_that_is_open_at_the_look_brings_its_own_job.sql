select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
-- session application
begin;
update products set image = test.data_uri(2);
-- session worker
insert into offload.arrival (managed_table, key) values (1, '{1}');
select test.claim() as lease \gset
select test.equal(test.look(:'lease'), '1 ended, 0 left', 'it is not seen, and not waited for');
-- session application
commit;
-- session worker
select test.equal(test.work(), 'written 1', 'its own job came with it');
select test.rows('select image_s3_url from products', array[test.url(2)]);
