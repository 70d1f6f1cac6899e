create table products (id int primary key, image bytea, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', source_policy => 'clear',
  originals => 'discard', grace => '0');
insert into offload.store_check (store, is_reachable, opens) values (1, true, true);
insert into products values (1, test.png(1));
select test.work();
select offload.configure('products', 'image', strategy => 'local_primary', source_policy => 'keep');
select offload.backfill(1);
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
select test.raises(format('select * from offload.complete(%L, %L, array[%L::bytea])', :'lease', :'results', test.png(2)),
  'OF023', 'would be lost');
select test.rows('select image is null, image_s3_url from products', array['true|' || test.url(1)], 'the row is as it was');
-- A worker that could not read it leaves the URL, and the row waits.
select test.equal(test.complete(:'lease', jsonb_set(:'results', '{0,items,0,content}', 'null')), 'unplaced 1');
select test.rows('select image is null, image_s3_url from products', array['true|' || test.url(1)]);
