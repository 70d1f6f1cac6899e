create table products (id int primary key, image text, back text);
insert into products values (1, test.data_uri(1), test.data_uri(11));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', backfill => false, stores => '{media}');
insert into products (id, image) values (2, test.data_uri(2));
select test.equal(test.work(), 'written 1');
select offload.configure('products', 'image', max_edge => 2048);
select test.equal(test.work(), 'unchanged 1', 'of another setting only what is known is told');
select offload.prefer('products', 'image');
select test.equal(test.work(), 'unchanged 1');
alter table products rename column image to picture;
select offload.refresh('products');
-- says: of table public.products the rows that are known are looked at again, and no others
select test.equal(test.work(), 'unchanged 1');
select offload.attach('products', 'back', stores => '{media}');
-- says: the rows that table public.products has already are left alone, as they are for column picture
select test.equal(test.work(), 'nothing');
select test.rows('select id, picture is not null, image_remote_url is not null, back_remote_url from products order by id',
  array['1|true|false|', '2|true|true|']);
select test.rows('select state from offload.backfill', array['none']);
select test.rows('select distinct backfill from offload.storage_stats', array['none']);
update offload.backfill set started_at = clock_timestamp() - interval '2 years';
select test.equal(offload.begin_sweeps(), 0);
-- With its key a row would lose its object: then all are looked at.
alter table products drop constraint products_pkey, add column code text default gen_random_uuid(), add primary key (code);
select offload.refresh('products');
select test.equal(test.work(), 'unchanged 1, written 1');
select test.rows('select id, image_remote_url, back_remote_url from products order by id',
  array['1|' || test.url(1) || '|' || test.url(11), '2|' || test.url(2) || '|']);
