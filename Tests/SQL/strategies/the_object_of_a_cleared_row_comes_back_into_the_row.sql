create table products (id int primary key, name text, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', source_policy => 'clear',
  originals => 'discard', grace => '0');
insert into offload.store_check (store, is_reachable, opens) values (1, true, true);
insert into products values (1, null, test.data_uri(1)), (2, null, test.base64(2));
select test.work();
select test.rows('select image is null from products', array['true', 'true']);
select offload.configure('products', 'image', strategy => 'local_primary', source_policy => 'keep');
select test.claim() as nothing \gset
select offload.backfill(1);
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- An unrelated change between fetch and write-back costs nothing; one of the source does.
update products set name = 'chair' where id = 1;
update products set image = test.base64(3) where id = 2;
select test.equal(test.complete(:'lease', :'results', :'contents'), 'changed 1, written 1');
select test.work();
select test.rows('select image, image_s3_url from products order by id', array[
  'data:image/webp;base64,' || encode(test.object_of(test.png(1)), 'base64') || '|', test.base64(3) || '|']);
select test.rows('select total, with_s3, with_base64, bytes_saved > 0 from offload.storage_stats', array['2|0|2|true']);
select offload.configure('products', 'image');
select test.equal(test.work(), 'unchanged 2', 'what is right stays');
