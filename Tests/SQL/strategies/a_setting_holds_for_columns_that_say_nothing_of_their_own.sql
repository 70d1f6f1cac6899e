create table products (id int primary key, image bytea, other bytea);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
insert into offload.setting (name, value) values ('max_edge', '512'), ('qualities', '{70}'), ('threshold', '5'), ('strategy', 'hybrid');
select offload.attach('products', 'image', stores => '{media}');
select offload.attach('products', 'other', stores => '{media}', max_edge => 256, strategy => 's3_primary');
select test.rows('select column_name, strategy, threshold, max_edge, qualities, max_bytes from offload.effective_column order by 1',
  array['image|hybrid|5|512|[70]|500000', 'other|s3_primary|5|256|[70]|500000']);
