select test.shop();
alter table products alter column image set storage external;
insert into products (image) values (test.data_uri(1, 300000)), (test.data_uri(2, 300000)), (test.data_uri(3, 300000));
select test.work();
insert into products (image) values (test.data_uri(4, 300000));
truncate offload.arrival;
select reltoastrelid::regclass as toast from pg_class where oid = 'products'::regclass \gset
set session authorization postgres;
select count(*) as chunks, max(chunk_id::text::bigint) as newest from :toast \gset
update products set image = image || '', image_s3_url = case when id = 2 then 'https://elsewhere.example/2.png' else image_s3_url end, name = 'chair';
select test.equal((select max(chunk_id::text::bigint) from :toast), :newest, 'nothing was written anew');
set session authorization spec_owner;
select test.rows('select id, image_s3_url, name from products order by id', array[
  '1|' || test.url(test.png(1, 300000)) || '|chair', '2|' || test.url(test.png(2, 300000)) || '|chair',
  '3|' || test.url(test.png(3, 300000)) || '|chair', '4||chair'], 'the rest of the row was, and our URLs stay');
select test.equal((select count(*) from offload.arrival), 0, 'nothing is queued');

-- Of the same length: another at its end, and another at its beginning.
update products set image = overlay(image placing 'AAAA' from length(image) - 8) where id in (1, 4);
update products set image = overlay(image placing 'AAAA' from 60) where id = 2;
select test.rows('select key from offload.arrival order by id', array['["1"]', '["4"]', '["2"]']);
select test.rows('select id, image_s3_url from products where image_s3_url is null order by id', array['1|', '2|', '4|']);
select test.equal(length(image), length(test.data_uri(4, 300000))) from products where id = 4;
select test.holds(right(image, 9) like 'AAAA%') from products where id = 4;
