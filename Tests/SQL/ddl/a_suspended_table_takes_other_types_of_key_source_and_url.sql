select test.shop();
insert into products (id, image) select n, test.data_uri(n) from generate_series(1, 3) n;
select test.work();
-- says: encoded
select test.raises('alter table products alter column id type bigint', '0A000');
select test.raises('alter table products alter column image type bytea using test.decoded(image)', '0A000');
select test.raises('alter table products alter column image_s3_url type varchar(400)', '0A000');
begin;
select offload.suspend('products');
-- says: nothing that is written to table public.products is captured until it is refreshed
alter table products alter column id type bigint, alter column image type bytea using test.decoded(image),
  alter column image_s3_url type varchar(400);
select offload.refresh('products');
commit;
select test.rows('select column_type, key_types from offload.managed_column c join offload.managed_table t on t.id = c.managed_table',
  array['bytea|["bigint"]']);
select test.equal(test.work(), 'unchanged 3');
-- never says: encoded
insert into products (id, image) values (5000000000, test.png(9));
select test.equal(test.work(), 'written 1');
select test.rows('select id, image_url from products_media order by id',
  array['1|' || test.url(1), '2|' || test.url(2), '3|' || test.url(3), '5000000000|' || test.url(9)]);
begin;
select offload.suspend('products');
alter table products alter column image type int using 1;
select test.raises($$select offload.refresh('products')$$, 'OF004', 'integer', 'offload.detach');
rollback;
begin;
select offload.suspend('products');
alter table products drop column image_s3_url;
select test.raises($$select offload.refresh('products')$$, 'OF003', 'image_s3_url', 'Add it');
rollback;
begin;
select offload.suspend('products');
alter table products alter column image_s3_url type int using 1;
select test.raises($$select offload.refresh('products')$$, 'OF014', 'image_s3_url', 'nullable text');
rollback;
select test.equal(test.work(), 'nothing');
