create table products (id int primary key, image text);
select offload.attach('products', 'image');
grant select on products_media to spec_analyst;
set session authorization spec_analyst;
select test.raises('select * from public.products_media', '42501', 'products');
