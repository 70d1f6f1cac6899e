select test.shop();
insert into products (image) values (test.data_uri(1));
-- session application
begin;
update products set name = 'chair';
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
select test.equal(test.complete(:'lease', :'results', :'contents'), 'locked 1');
select test.holds((select ready_at < clock_timestamp() + interval '15 seconds' from offload.job), 'a fresh one is soon tried again');
update offload.job set ready_at = clock_timestamp(), created_at = clock_timestamp() - interval '80 seconds';
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
select test.equal(test.complete(:'lease', :'results', :'contents'), 'locked 1');
select test.holds((select ready_at - clock_timestamp() between interval '10 seconds' and interval '25 seconds' from offload.job),
  'a quarter of its age');
update offload.job set ready_at = clock_timestamp(), created_at = clock_timestamp() - interval '1 day';
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
select test.equal(test.complete(:'lease', :'results', :'contents'), 'locked 1');
select test.holds((select ready_at - clock_timestamp() between interval '20 seconds' and interval '30 seconds' from offload.job),
  'and never longer than this');
-- session application
rollback;
