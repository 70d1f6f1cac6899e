create table products (id int primary key, image text, image_at text);
select offload.add_store('safe', 's3', bucket => 'safe', region => 'eu-central-1', access => 'private');
select offload.attach('products', 'image', url_column => 'image_at', stores => '{safe}');
insert into products values (1, test.data_uri(1));
select test.equal(test.work(), 'written 1');
select test.equal(image_at, test.url(1, 'safe'), 'the URL is known all the same') from products;
select test.rows('select image_url, image_source from products_media', array[test.data_uri(1) || '|base64']);
select test.rows('select with_s3, with_both from offload.storage_stats', array['1|1']);
