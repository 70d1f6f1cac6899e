create table things (key text primary key, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('things', 'image', url_column => 'image_s3_url', stores => '{media}');
-- As long as the table's own index takes it.
insert into things select string_agg(md5(n::text), ''), test.data_uri(1) from generate_series(1, 80) n;
select test.equal(test.work(), 'written 1');
select test.equal(image_s3_url, test.url(1)) from things;
