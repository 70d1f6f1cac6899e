select test.shop();
select offload.configure('products', 'image', max_attempts => 1);
select test.work();
insert into products (image) values (test.data_uri(1));
select test.claim() as lease \gset
select offload.fail(array(select id from offload.job), :'lease', 'internal');
update products set image = test.data_uri(2);
select test.equal(test.work(), 'written 1');
select test.equal((select count(*) from offload.arrival), 0, 'the dead one went with it');
select test.equal((select count(*) from offload.failures), 0);
