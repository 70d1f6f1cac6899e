select test.shop();
insert into products (image) select test.data_uri(n) from generate_series(1, 3) n;
select test.claim(2);
select test.equal(
  (select count(*) from offload.claim(100, name => '00000000-0000-4000-8000-000000000001')), 1::bigint);
select test.rows('select leased from offload.queue_stats', array['3']);
-- Whoever lost the answer knows no job.
select test.equal(offload.release(null, '00000000-0000-4000-8000-000000000001'), 1::bigint);
select test.rows('select ready, leased from offload.queue_stats', array['1|2']);
select test.rows('select attempts from offload.job where lease is null', array['0']);
select test.equal(offload.release(null, '00000000-0000-4000-8000-000000000001'), 0::bigint, 'once is enough');
