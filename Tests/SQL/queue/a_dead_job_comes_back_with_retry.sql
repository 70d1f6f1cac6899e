select test.shop();
select offload.configure('products', 'image', max_attempts => 1);
insert into products (image) values (test.data_uri(1));
select test.claim() as lease \gset
select test.equal(offload.fail(array(select id from offload.job), :'lease', 'internal', 'something broke'), 1, 'dead now');
select test.rows('select relation::text, key, reason, detail, is_dead, remedy like ''%retry%'' from offload.failures',
  array['products|["1"]|internal|something broke|true|true']);
select test.equal(offload.retry('products', 'corrupt'), 0, 'another reason');
select test.equal(offload.retry('products'), 1);
select test.equal((select count(*) from offload.failures), 0);
select test.equal(test.work(), 'written 1');
