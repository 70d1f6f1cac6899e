create table products (id int primary key, image text, image_at text);
select offload.attach('products', 'image', url_column => 'image_at');
insert into products select n, 'QUJD', case when n <= 45 then 'https://elsewhere.example/' || n end from generate_series(1, 150) n;
select test.equal(offload.storage_summary('products', 'image')::jsonb,
  '{"total_products":150,"with_s3":45,"with_base64":150,"with_both":45,"with_neither":0,"s3_coverage":"30%"}'::jsonb);
select test.rows($$select key, json_typeof(value) from json_each(offload.storage_summary('products', 'image'))$$,
  array['total_products|number', 'with_s3|number', 'with_base64|number', 'with_both|number', 'with_neither|number', 's3_coverage|string'],
  'in this order');
