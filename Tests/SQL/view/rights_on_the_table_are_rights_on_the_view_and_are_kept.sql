create table products (id int primary key, image text, photo text);
grant select on products to spec_app with grant option;
insert into products values (1, test.data_uri(1));
select offload.attach('products', 'image');
grant select on products to spec_analyst;
grant select on products_media to spec_analyst;
select offload.attach('products', 'photo');
select test.rows($$select r, has_table_privilege(r, 'products_media', 'select'), has_table_privilege(r, 'products_media', 'select with grant option'),
  has_table_privilege(r, 'products_media', 'insert') from unnest('{spec_app,spec_analyst,spec_tenant_a}'::text[]) r$$,
  array['spec_app|true|true|false', 'spec_analyst|true|false|false', 'spec_tenant_a|false|false|false']);
set session authorization spec_app;
select test.rows('select id, photo_source, image_source from public.products_media', array['1||base64']);
