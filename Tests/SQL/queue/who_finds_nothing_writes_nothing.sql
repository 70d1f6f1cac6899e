-- A transaction that wrote has a number, and its commit waits for the disk. Fifty workers look at each ring.
select test.shop();
create table posters (id int primary key, image text);
select offload.attach('posters', 'image', stores => '{media}', backfill => false);
insert into products (image) values (test.data_uri(1));
select test.work();
begin;
select count(*) from offload.take(from_start => false);
select count(*) from offload.take(from_start => true);
select test.holds(pg_current_xact_id_if_assigned() is null);
commit;
select test.equal(offload.pause('posters', 'image'), 1);
insert into posters values (1, test.data_uri(2));
select count(*) from offload.take();
begin;
select count(*) from offload.take(from_start => false);
select count(*) from offload.take(from_start => true);
select count(*) from offload.claim();
select test.equal(offload.reap() + offload.tend_paused(), 0);
select test.holds(pg_current_xact_id_if_assigned() is null, 'nor beside a table that is paused');
commit;
select last_value as mark from offload.taken_to \gset
insert into products (image) values (test.data_uri(3));
begin;
select test.equal((select count(*) from offload.take(from_start => false) where managed_table is not null), 1);
select test.holds(pg_current_xact_id_if_assigned() is not null and (select last_value >= :mark from offload.taken_to));
commit;
