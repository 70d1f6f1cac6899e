create table products (id int primary key, image text, image_s3_url varchar(500));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1', credentials => '{"access_key": "SHOP_KEY", "secret_key": "SHOP_SECRET"}');
-- says: store "media" is known: its URLs begin with https://shop-media.s3.eu-central-1.amazonaws.com/
select offload.add_store('other', 's3', bucket => 'other-media', credentials => '{"access_key": "SHOP_KEY", "secret_key": "SHOP_SECRET"}');
-- says: Give each worker its credentials in SHOP_KEY, SHOP_SECRET. Start a worker: offload work --database
select offload.attach('products', 'image', url_column => 'image_s3_url', strategy => 's3_primary', stores => '{media}');
-- says: column image of table public.products is managed: strategy s3_primary to media, source_policy keep, URL in image_s3_url, view products_media
select offload.detach('products', 'image');
-- says: column image of table public.products is managed no more; its objects stay where they are
select test.equal((select count(*) from offload.managed_column where detached_at is null), 0);
