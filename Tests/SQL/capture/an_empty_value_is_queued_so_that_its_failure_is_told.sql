select test.shop();
insert into products (image) values ('');
select test.equal((select array_agg(key) from offload.arrival), array[array['1']], 'the empty value is looked at');
select test.equal((select with_base64 from offload.storage_stats), 0::bigint, 'and yet it is no source');
