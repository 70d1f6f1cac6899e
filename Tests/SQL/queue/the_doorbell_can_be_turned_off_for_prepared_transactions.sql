insert into offload.setting (name, value) values ('doorbell', 'off');
select test.shop();
-- session listener
listen offload;
select pg_advisory_lock(offload._doorbell(), 1);
-- session producer
insert into products (image) values (test.data_uri(1));
-- session listener
select test.equal((select count(*) from offload.arrival), 1);
-- never says: Asynchronous notification
