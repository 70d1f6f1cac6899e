select repeat('t', 63) as t, repeat('ü', 31) || 'k' as k, repeat('i', 63) as i, repeat('v', 57) || '_media' as v \gset
create table :"t" (:"k" int primary key, :"i" text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach(:'t', :'i', stores => '{media}');
insert into :"t" values (1, test.data_uri(1));
select test.equal(test.work(), 'written 1');
select test.rows('select relname, octet_length(relname::text) from pg_class where relname like ''t%media''', array[repeat('t', 57) || '_media|63']);
select test.rows('select column_name, url_column from offload.managed_column', array[:'i' || '|' || repeat('i', 52) || '_remote_url']);
select test.equal((select count(*) from pg_attribute where attrelid = (repeat('t', 57) || '_media')::regclass and attname in (repeat('i', 59) || '_url', repeat('i', 56) || '_source')), 2);
