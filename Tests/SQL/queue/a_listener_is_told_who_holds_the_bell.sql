select test.shop();
-- session first
select test.equal(offload._try_doorbell(), 'taken');
-- session second
select test.equal(offload._try_doorbell(), 'listener');
-- session first
select pg_advisory_unlock_all();
-- session producer
begin;
insert into products (image) values (test.data_uri(1));
-- session second
select test.equal(offload._try_doorbell(), 'producer');
-- session producer
commit;
-- session second
select test.equal(offload._try_doorbell(), 'taken');
select pg_advisory_unlock_all();
-- session main
insert into offload.setting (name, value) values ('doorbell', 'off');
-- session second
select test.equal(offload._try_doorbell(), 'off', 'and no producer rings, whatever its trigger says');
