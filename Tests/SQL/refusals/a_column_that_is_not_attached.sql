create table products (id int primary key, image text);
select test.raises($$select offload.configure('products', 'image', max_edge => 1)$$, 'OF006', 'image of table public.products', 'offload.attach');
select test.raises($$select offload.detach('products', 'image')$$, 'OF006', 'image of table public.products', 'offload.attach');
select test.raises($$select offload.storage_summary('products', 'image')$$, 'OF006', 'image of table public.products', 'offload.attach');
select test.raises($$select offload.sweep('products')$$, 'OF006', 'products', 'offload.attach');
