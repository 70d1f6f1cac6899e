create table products (id int primary key, image text, photo bytea);
select offload.attach('products', 'image');
select offload.attach('products', 'photo');
insert into products values (1, '', ''), (2, null, null);
select test.rows('select image_url, image_source, photo_url, photo_source from products_media order by id', array['|||', '|||']);
