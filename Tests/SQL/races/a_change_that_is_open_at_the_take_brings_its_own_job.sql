select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
-- session application
begin;
update products set image = test.data_uri(2);
-- session worker
insert into offload.arrival (managed_table, key) values (1, '{1}');
select test.equal(test.take(), '1 ended, 0 left', 'it is not seen, and not waited for');
-- session application
commit;
-- session worker
select test.equal(test.take(), '0 ended, 1 left', 'its own job came with it');
