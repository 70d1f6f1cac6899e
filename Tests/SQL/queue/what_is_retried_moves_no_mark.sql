select test.shop();
insert into products (id, image) select n, test.data_uri(n) from generate_series(1, 12) n;
select id - 1 as zero from offload.arrival where key = '{1}' \gset
select test.claim(12) as lease \gset
select test.equal(offload.release(null, :'lease'), 12);
insert into products (id, image) select n, test.data_uri(n) from generate_series(13, 18) n;
-- Full, half of it of old ids that are due again, without an attempt.
select test.equal((select count(*) from offload.take(8) where managed_table is not null), 8);
select test.equal(last_value - :zero, 17, 'behind the last that was new') from offload.taken_to;
select test.equal((select count(*) from offload.take(100, from_start => false) where managed_table is not null), 10);
select test.equal(last_value - :zero, 17, 'the first that was new, and none of those that are due') from offload.taken_to;
