create table products (
  id int primary key, name text, image text, image_at text,
  label text generated always as (upper(name)) stored, length int generated always as (length(image)) stored);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_at', stores => '{media}');
-- says: length
insert into products (id, name, image) values (1, 'chair', test.data_uri(1));
select test.equal(test.work(), 'written 1');
update products set name = 'table';
select test.equal(test.work(), 'nothing', 'the name and what is made of it are none of ours');
update products set image = test.data_uri(2);
select test.equal(test.work(), 'written 1');
select test.rows('select label, length, image_at from products', array['TABLE|' || length(test.data_uri(2)) || '|' || test.url(2)]);
select test.raises($$select offload.attach('products', 'label')$$, 'OF004', 'generated');
