select test.shop();
insert into products (image) values (test.data_uri(1));
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
update products set name = 'moved';
-- session worker
select test.equal(test.complete(:'lease', :'results', :'contents'), 'written 1', 'another version of the row, but the same bytes');
select test.rows('select name, image_s3_url from products', array['moved|' || test.url(1)]);
