select test.shop();
select offload.grant_role('worker', 'spec_worker');
select offload.grant_role('admin', 'spec_admin');
insert into products (image) values (test.data_uri(1));
-- session admin
set session authorization spec_admin;
select test.equal(offload.pause(), 1);
-- session worker
set session authorization spec_worker;
select test.equal((select count(*) from offload.claim()), 0);
select test.rows('select ready_at from offload.job', array['infinity']);
select test.equal(offload.reap(), 0);
select test.holds((select due is null from offload.next_due()));
-- session admin
select test.equal(offload.resume(), 1);
select test.equal(offload.retry(), 0);
-- session worker
select test.equal(test.work(), 'written 1');
