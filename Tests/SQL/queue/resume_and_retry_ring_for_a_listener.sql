select test.shop();
select offload.configure('products', 'image', max_attempts => 1);
insert into products (image) values (test.data_uri(1));
-- session listener
listen offload;
select test.holds(pg_try_advisory_lock(offload._doorbell(), 1), 'it dozes');
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
-- session main
insert into offload.setting (name, value) values ('doorbell', 'off');
select test.equal(offload.pause(), 1);
select test.equal(offload.resume(), 1);
select test.claim() as lease \gset
select test.equal(offload.fail(array(select id from offload.job), :'lease', 'internal'), 1);
select test.equal(offload.retry(), 1);
-- session listener
select 1;
-- never says: Asynchronous notification
