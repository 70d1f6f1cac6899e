create table products (id int unique, image text);
select test.raises($$select offload.attach('products', 'image')$$, 'OF001', 'products', 'primary key');
