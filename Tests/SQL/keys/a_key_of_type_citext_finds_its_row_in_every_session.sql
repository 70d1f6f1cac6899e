-- Where the server comes without it, plain text has its place.
select exists (select from pg_available_extensions where name = 'citext') as is_there \gset
\if :is_there
create extension citext;
\else
create domain public.citext as text;
\endif
create table things (key citext primary key, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
insert into things values ('Chair', test.data_uri(1));
select offload.attach('things', 'image', url_column => 'image_s3_url', stores => '{media}');
insert into things values ('tAble', test.data_uri(2));
update things set image = test.data_uri(2) where key = 'tAble';
-- session worker
select test.equal(test.work(), 'written 2');
select test.equal((select count(*) from things where image_s3_url = test.url(test.decoded(image))), 2, 'each row has its own URL');
select test.equal((select count(*) from offload.item), 2, 'each row has one item');
delete from things where key = 'Chair';
-- session worker
select offload.sweep('things');
select test.equal(test.work(1), 'gone 1', 'a sweep in another session takes every key for what it was');
select test.equal((select count(*) from offload.item), 1);
