select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
insert into offload.arrival (managed_table, key) values (1, '{1}');
-- session owner
begin;
lock table products in access exclusive mode;
-- session worker
select test.lasts($$select test.raises('select * from offload.take()', '55P03')$$, '950 milliseconds', 'below deadlock_timeout');
select test.rows('select count(*) from only offload.arrival', array['1']);
-- session owner
rollback;
-- session worker
select test.equal(test.take(), '1 ended, 0 left');
