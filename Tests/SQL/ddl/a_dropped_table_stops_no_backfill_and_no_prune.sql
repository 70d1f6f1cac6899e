select test.shop();
insert into products (image) values (test.data_uri(1));
select test.work();
select offload.sweep('products');
drop table products cascade;
select test.equal((select offload.backfill(t.id) from offload.managed_table t), 0::bigint, 'nothing is queued');
select test.equal((select offload.prune(t.id) from offload.managed_table t), null, 'nothing is to go on with');
select test.equal((select count(*) from offload.backfill b where b.state = 'pending'), 0::bigint, 'and it is over');
