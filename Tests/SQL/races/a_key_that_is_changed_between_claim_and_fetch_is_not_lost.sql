select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
-- session worker
select test.claim() as lease \gset
-- session application
update products set id = 2;
-- session worker
select (test.process(:'lease')).* \gset
select test.equal(test.complete(:'lease', :'results', :'contents'), 'gone 1');
select test.work();
select test.rows('select id, image_s3_url from products', array['2|' || test.url(1)]);
select test.rows('select key from offload.item', array['["2"]']);
