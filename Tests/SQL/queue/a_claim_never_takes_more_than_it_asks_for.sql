select test.shop();
insert into products (image) select test.data_uri(n) from generate_series(1, 50) n;
select test.claim(10) as lease \gset
select offload.release(array(select id from offload.job where lease = :'lease'), :'lease', '1 hour');
select test.equal(count(*), 10) from offload.job where ready_at is not null;
update offload.job set ready_at = clock_timestamp() where ready_at is not null or id % 2 = 0;
select test.equal((select count(*) from offload.claim(20)), 20);
select test.equal((select count(*) from offload.claim(20)), 20);
select test.equal((select count(*) from offload.claim(20)), 10);
select test.equal((select count(*) from offload.claim(20)), 0);
