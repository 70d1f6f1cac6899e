select test.shop();
insert into products (image) values (test.data_uri(1));
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
update products set image = test.data_uri(2);
update products set image = test.data_uri(1);
-- session worker
select test.equal(test.complete(:'lease', :'results', :'contents'), 'written 1');
select test.equal(image_s3_url, test.url(1)) from products;
select test.work();
select test.equal(image_s3_url, test.url(1), 'and stays') from products;
