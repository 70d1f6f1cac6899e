select test.shop();
insert into products (image) values (test.data_uri(1));
select test.claim() as lease \gset
select test.equal(offload.release(array(select id from offload.job), :'lease', '1 hour'), 1);
insert into products (image) values (test.data_uri(2));
select test.equal(offload.pause(), 1);
select test.equal(test.work(), 'nothing');
select test.rows($$select ready_at = 'infinity' from offload.job order by id$$, array['false', 'true']);
select test.holds((select due is null from offload.next_due()), 'what is paused is never due');
select test.equal(offload.resume(), 1);
select test.equal(test.work(), 'written 1');
select test.holds((select due > interval '50 minutes' from offload.next_due()), 'it keeps its time');
