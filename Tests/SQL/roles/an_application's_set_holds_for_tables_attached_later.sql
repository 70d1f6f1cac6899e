select offload.grant_role('app', 'spec_app');
create table products (id int primary key, image text);
select offload.attach('products', 'image');
set session authorization spec_app;
insert into public.products values (1, test.data_uri(1));
select test.rows('select id, image_source from public.products_media', array['1|base64']);
