create table products (id int primary key, image text, pictures bytea[]);
select offload.attach('products', 'image');
select offload.attach('products', 'pictures');
select test.rows($$select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute where attrelid = 'products'::regclass and attnum > 3$$,
  array['image_remote_url|text|false', 'pictures_remote_urls|text[]|false']);
