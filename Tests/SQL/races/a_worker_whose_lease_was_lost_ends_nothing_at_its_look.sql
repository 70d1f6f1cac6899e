select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
insert into offload.arrival (managed_table, key) values (1, '{1}');
-- session a
select test.claim() as lease \gset
update offload.job set leased_until = clock_timestamp() - interval '2 minutes';
select offload.reap();
-- session b
begin;
select test.claim() as lease \gset
-- session a
select test.equal(test.look(:'lease'), '0 ended, 0 left');
-- session b
commit;
-- session a
select test.equal(test.look(:'lease'), '0 ended, 0 left');
-- session b
select test.equal((select count(*) from offload.job where lease = :'lease'), 1);
select test.equal(test.look(:'lease'), '1 ended, 0 left');
