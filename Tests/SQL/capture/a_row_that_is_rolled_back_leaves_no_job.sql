select test.shop();
begin;
insert into products (image) values (test.data_uri(1));
rollback;
select test.equal((select count(*) from offload.arrival), 0);
select test.rows('select total, with_base64 from offload.storage_stats', array['0|0']);
