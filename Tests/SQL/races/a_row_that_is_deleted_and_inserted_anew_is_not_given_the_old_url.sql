select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
begin;
delete from products;
insert into products (id, image) values (1, test.data_uri(2));
commit;
-- session worker
select test.equal(test.complete(:'lease', :'results', :'contents'), 'changed 1');
select test.work();
select test.equal(image_s3_url, test.url(2)) from products;
