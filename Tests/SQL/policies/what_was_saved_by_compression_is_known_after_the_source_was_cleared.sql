create table products (id int primary key, image bytea, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', source_policy => 'clear',
  originals => 'discard', grace => '0');
insert into offload.store_check (store, is_reachable, opens) values (1, true, true);
insert into products values (1, test.png(1, 1044));
select test.work();
select test.rows('select bytes_in_rows, bytes_in_stores, bytes_saved from offload.storage_stats', array['0|44|1000']);
select offload.configure('products', 'image');
select test.equal(test.work(), 'unchanged 1');
select test.rows('select bytes_in_rows, bytes_in_stores, bytes_saved from offload.storage_stats', array['0|44|1000'], 'after another look');
select test.equal(source_hash, sha256(test.png(1, 1044)), 'and so is what it was made of') from offload.item;
