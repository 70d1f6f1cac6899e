select test.shop();
insert into products (image) select test.data_uri(n) from generate_series(1, 5) n;
select test.work();
begin;
truncate products;
rollback;
select test.equal((select count(*) from offload.arrival), 0);
select test.rows('select total, with_s3 from offload.storage_stats', array['5|5']);
