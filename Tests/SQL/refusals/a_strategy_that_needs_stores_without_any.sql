create table products (id int primary key, image text);
select test.raises(format($$select offload.attach('products', 'image', strategy => %L)$$, s), 'OF009', s, 'offload.add_store')
from unnest('{s3_primary,hybrid,redundant}'::text[]) s;
select offload.add_store('one', 's3', bucket => 'b1');
select offload.add_store('two', 's3', bucket => 'b2');
select test.raises($$select offload.attach('products', 'image', strategy => 's3_primary')$$, 'OF009', 'image of table public.products', 'stores => ''{one,two}''');
select offload.attach('products', 'image', strategy => 's3_primary', stores => '{one}');
select test.raises($$select offload.configure('products', 'image', stores => '{}')$$, 'OF009', 's3_primary');
