select test.shop();
insert into products (image) values (test.data_uri(1)), (null);
select test.equal((select array_agg(key) from offload.arrival), array[array['1']], 'a row without an image is no work');
select test.equal(test.work(), 'written 1');
select test.equal((select count(*) from offload.arrival), 0);
