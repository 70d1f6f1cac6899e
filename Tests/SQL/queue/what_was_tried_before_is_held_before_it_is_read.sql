select test.shop();
insert into products (id, image) values (1, test.data_uri(1)), (2, test.data_uri(2));
select test.work();
insert into offload.arrival (managed_table, key) values (1, '{1}'), (1, '{2}'), (1, null);
select test.claim(1) as lease \gset
select test.equal(offload.fail(array(select id from offload.job where lease = :'lease'), :'lease', 'internal', delay => '0'), 0);
create temporary table taken as select * from offload.take();
select test.rows('select ended from taken where ended is not null', array['1']);
select test.rows('select key, attempts from taken where managed_table is not null order by key', array['["1"]|2', '|1'],
  'an attempt is counted at the claim');
select test.equal((select count(*) from taken where managed_column is not null), 0, 'neither was read');
select test.rows('select key, attempts from offload.job where lease is not null order by key', array['["1"]|2', '|1']);
-- Nor is it where nothing else is ready.
delete from offload.job;
insert into offload.job (id, managed_table, key, attempts, ready_at) values (1000, 1, '{2}', 1, clock_timestamp());
select test.rows('select managed_table, attempts, managed_column, ended from offload.take()', array['|||0', '1|2||']);
