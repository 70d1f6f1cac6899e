create table products (a int, image text, "B" text, id int primary key);
alter table products drop column a;
select offload.attach('products', 'image');
select test.equal((select array_agg(attname::text order by attnum) from pg_attribute where attrelid = 'products_media'::regclass and attnum > 0),
  array['image', 'B', 'id', 'image_remote_url', 'image_url', 'image_source']);
