create table products (id int primary key, image text, document bytea);
select offload.add_store('media', 's3', bucket => 'b1');
select test.raises(format($$select offload.attach('products', 'image', stores => '{media}', source_policy => %L)$$, p),
  'OF011', 'image of table public.products', 'originals => ''archive''') from unnest('{replace,clear}'::text[]) p;
select offload.attach('products', 'document', kind => 'file', stores => '{media}', source_policy => 'clear');
select offload.attach('products', 'image', stores => '{media}');
select test.raises($$select offload.configure('products', 'image', source_policy => 'replace')$$, 'OF011', 'image of table public.products');
