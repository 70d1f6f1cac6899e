select test.shop();
-- session listener
listen offload;
select test.holds(pg_try_advisory_lock(offload._doorbell(), 1), 'it dozes');
-- session producer
insert into products (image) values (test.data_uri(1));
-- session listener
select test.holds(pg_advisory_unlock(offload._doorbell(), 1));
-- says: Asynchronous notification "offload"
-- session producer
insert into products (image) values (test.data_uri(2));
begin;
insert into products (image) values (test.data_uri(3));
-- session listener
select test.holds(not pg_try_advisory_lock(offload._doorbell(), 1), 'while a producer is in flight it may not doze');
-- never says: Asynchronous notification
-- session producer
commit;
-- session listener
select test.holds(pg_try_advisory_lock(offload._doorbell(), 1));
