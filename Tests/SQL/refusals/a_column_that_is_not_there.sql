create table products (id int primary key, "Image" text);
select test.raises($$select offload.attach('products', 'image')$$, 'OF003', 'products has no column image', '"Image"');
select test.raises($$select offload.attach('products', null)$$, 'OF003', 'products');
select test.raises($$select offload.attach('products', 'ctid')$$, 'OF003', 'ctid');
