create table products (id int primary key, image text, image_s3_url varchar(40));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}');
insert into products values (1, test.data_uri(1));
select test.work();
select test.equal(image_s3_url, null, 'the row is as it was') from products;
select test.rows('select reason, detail from offload.failures', array[format(
  'url_too_long|the URL has %s characters, and column image_s3_url holds 40', length(test.url(1)))]);
select test.holds(remedy like '%alter table%', 'the remedy is a statement') from offload.failures;

-- What the remedy says, step by step.
begin;
select offload.suspend('products');
alter table products alter column image_s3_url type text;
select offload.refresh('products');
commit;
select test.equal(offload.retry(), 1);
select test.work();
select test.equal(image_s3_url, test.url(1)) from products;
select test.equal((select count(*) from offload.failures), 0);
