create collation public.blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create table products (id int primary key, image text collate public.blind, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', kind => 'file');
insert into products values (1, 'QUJD');
select test.work();
update products set image = 'qujd';
select test.equal(image_s3_url, null) from products;
