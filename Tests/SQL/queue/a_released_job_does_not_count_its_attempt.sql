select test.shop();
insert into products (image) values (test.data_uri(1));
select test.claim() as lease \gset
select test.equal(offload.release(array(select id from offload.job), :'lease'), 1);
select test.rows('select attempts, lease is null from offload.job', array['0|true']);
select test.equal(offload.release(array(select id from offload.job), :'lease'), 0, 'idempotent');
select test.equal(test.work(), 'written 1');
