create table products (id int primary key, image bytea);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select test.raises('select offload.attach(''products'', ''image'', strategy => ''redundant'', stores => ''{media}'',
  source_policy => ''clear'', originals => ''discard'')', 'OF010', 'keeps column image of table public.products in its row', 'local_store');
