create table products (id int primary key, image text);
select offload.attach('products', 'image');
select test.raises($$select offload.attach('products', 'image')$$, 'OF005', 'image of table public.products', 'offload.configure');
