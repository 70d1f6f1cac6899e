select test.shop();
insert into products (image) values (test.data_uri(1));
-- session a
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
update products set image = test.data_uri(2);
-- session b
select test.equal(test.claim(), null, 'the row''s new job waits for the first worker');
-- session a
select test.equal(test.complete(:'lease', :'results', :'contents'), 'changed 1');
-- session b
select test.equal(test.work(), 'written 1');
select test.equal(image_s3_url, test.url(2)) from products;
select test.equal((select count(*) from offload.arrival), 0);
