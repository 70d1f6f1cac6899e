select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
create table products (id int primary key, image text);
select offload.attach('products', 'image');
-- says: strategy s3_primary to media
insert into products values (1, test.data_uri(1));
select test.work();
select test.equal(image_remote_url, test.url(1)) from products;
