select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
update products set name = 'chair';
insert into offload.arrival (managed_table, key) values (1, '{1}');
-- session other
begin;
update offload.item set detail = 'held';
-- session worker
select test.claim() as lease \gset
select test.equal(test.look(:'lease'), '1 ended, 0 left');
-- session other
rollback;
select test.rows('select i.row_version::text = p.xmin::text from offload.item i, products p', array['false'], 'the next sweep sees to it');
