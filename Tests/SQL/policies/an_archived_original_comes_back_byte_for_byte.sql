create table products (id int primary key, image text, photos bytea[]);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', stores => '{media}', source_policy => 'replace', originals => 'archive');
select offload.attach('products', 'photos', strategy => 'local_primary', stores => '{media}', source_policy => 'replace',
  originals => 'archive');
insert into products values (1, test.data_uri(1), array[test.png(2), null, test.png(3)]), (2, test.base64(4), null);
select test.work();
select test.rows('select image = test.data_uri(1), photos[1] = test.png(2), photos_remote_urls from products where id = 1',
  array['false|false|'], 'replaced; originals go to the chain, also of what else stays in its row');
select test.equal(offload.restore_original('products', 'image', '{1}'), 1);
select test.equal(offload.restore_original('products', 'photos'), 1);
select test.equal(test.work(), 'written 1');
select test.rows('select image = test.data_uri(1), photos = array[test.png(2), null, test.png(3)] from products where id = 1',
  array['true|true'], 'in the form in which it was written');
select test.equal(image, encode(test.object_of(test.png(4)), 'base64'), 'another row was not asked for') from products where id = 2;
select test.equal(image_remote_url, test.url(1), 'the URL shows the object') from products where id = 1;
select offload.configure('products', 'image', grace => '1 day');
select test.equal(test.work(), 'unchanged 2', 'it stays');
select test.equal(offload.restore_original('products', 'image', '{1}'), 0, 'asked twice, done once');
update products set image = test.data_uri(5) where id = 1;
select test.work();
select test.holds(image <> test.data_uri(5), 'another image is replaced again') from products where id = 1;
select offload.configure('products', 'photos', source_policy => 'replace');
select test.work();
select test.holds(photos[1] <> test.png(2), 'and so is all once the policy is said anew') from products where id = 1;
select test.raises('select offload.restore_original(''products'', ''id'')', 'OF006', 'not managed');
