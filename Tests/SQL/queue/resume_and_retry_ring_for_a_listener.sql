select test.shop();
select offload.configure('products', 'image', max_attempts => 1);
insert into products (image) values (test.data_uri(1));
-- session listener
listen offload;
-- session main
select test.claim() as lease \gset
select test.equal(offload.fail(array(select id from offload.job), :'lease', 'internal'), 1);
select test.equal(offload.retry(), 1);
-- session listener
select 1;
-- says: Asynchronous notification "offload"
-- session main
select test.equal(offload.pause(), 1);
select test.equal(offload.resume(), 1);
-- session listener
select 1;
-- says: Asynchronous notification "offload"
