create table products (id int primary key, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', source_policy => 'clear',
  originals => 'discard', grace => '0');
insert into offload.store_check (store, is_reachable, opens) values (1, true, true);
insert into products values (1, test.data_uri(1));
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
update products set image_s3_url = 'https://elsewhere.example/1.png';
-- session worker
select test.complete(:'lease', :'results', :'contents');
select test.work();
select test.rows('select image, image_s3_url from products', array[test.data_uri(1) || '|https://elsewhere.example/1.png']);
