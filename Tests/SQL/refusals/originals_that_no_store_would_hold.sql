create table products (id int primary key, image bytea);
select test.raises('select offload.attach(''products'', ''image'', strategy => ''local_primary'', source_policy => ''replace'',
  originals => ''archive'')', 'OF009', 'the originals of column image of table public.products', 'stores =>');
