create table products (id int primary key, image bytea);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', stores => '{media}', strategy => 'hybrid', threshold => 200,
  source_policy => 'replace', originals => 'discard');
insert into products values (1, test.png(1, 1044));
select test.work();
select test.holds(length(image) <= 200 and image_remote_url = test.url(test.png(1, 1044)), 'the row holds 44 bytes of 1044') from products;
select offload.configure('products', 'image');
select test.equal(test.work(), 'unchanged 1', 'another look');
-- The row's key, too, may change.
update products set id = 2;
select test.work();
select test.rows('select id, image_source from products_media', array['2|s3']);
select test.rows('select bytes_saved from offload.storage_stats', array['1000']);
