-- A claim that puts aside holds the resume back; a resume in flight leaves nothing to put aside.
select test.shop();
insert into products (image) values (test.data_uri(1));
select test.equal(offload.pause(), 1);
-- session worker
begin;
select test.equal((select count(*) from offload.claim()), 0);
-- session main, which waits
select test.equal(offload.resume(), 1);
-- session worker
commit;
-- session main
select test.holds((select ready_at <= clock_timestamp() from offload.job));
select test.equal(offload.pause(), 1);
begin;
select test.equal(offload.resume(), 1);
-- session worker
select test.equal((select count(*) from offload.claim()), 0, 'it is paused still');
-- session main
commit;
select test.holds((select ready_at <= clock_timestamp() from offload.job));
select test.equal(test.work(), 'written 1');
