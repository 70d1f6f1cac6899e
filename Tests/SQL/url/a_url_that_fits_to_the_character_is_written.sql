create table products (id int primary key, image text, image_s3_url varchar(124));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select test.equal(length(test.url(1)), 124);
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}');
insert into products values (1, test.data_uri(1));
select test.equal(test.work(), 'written 1');
select test.equal(image_s3_url, test.url(1)) from products;
