create table products (id int primary key, image text, pictures bytea[], a int, b text not null, c text generated always as ('x') stored, d text, e text[], f text);
select test.raises(format('select offload.attach(''products'', ''image'', url_column => %L)', u), 'OF014', u || ' of table public.products', 'leave url_column out')
from unnest('{a,b,c,e,image,id}'::text[]) u;
select test.raises($$select offload.attach('products', 'pictures', url_column => 'd')$$, 'OF014', 'd of table', 'text[]');
select offload.attach('products', 'image', url_column => 'd');
select test.raises($$select offload.attach('products', 'f', url_column => 'd')$$, 'OF014', 'd of table');
select test.raises($$select offload.attach('products', 'f', url_column => 'image')$$, 'OF014', 'image of table');
select test.raises($$select offload.attach('products', 'd')$$, 'OF004', 'd of table public.products is the URL column of another');
