select test.shop();
insert into products (image) values (test.data_uri(1));
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
update products set image = test.data_uri(2);
-- session worker
select test.equal(test.complete(:'lease', :'results', :'contents'), 'changed 1');
select test.equal(image_s3_url, null, 'no stale URL') from products;
select test.equal(test.work(), 'written 1');
select test.equal(image_s3_url, test.url(2)) from products;
select test.equal((select count(*) from offload.arrival), 0);
