create table products (id int primary key, image text not null, pictures text[], photo bytea);
select offload.add_store('media', 's3', bucket => 'b1');
select offload.add_store('safe', 's3', bucket => 'b2', access => 'private');
select test.raises($$select offload.attach('products', 'image', stores => '{media}', source_policy => 'clear', originals => 'discard')$$,
  'OF010', 'image of table public.products is not null', 'drop not null');
select test.raises($$select offload.attach('products', 'pictures', stores => '{media}', source_policy => 'clear', originals => 'discard')$$,
  'OF010', 'an array', 'replace');
select test.raises($$select offload.attach('products', 'photo', strategy => 'local_primary', source_policy => 'clear', originals => 'discard')$$,
  'OF010', 'local_primary');
select test.raises($$select offload.attach('products', 'photo', stores => '{safe}', source_policy => 'clear', originals => 'discard')$$,
  'OF010', 'private', 'direct');
select offload.attach('products', 'photo', stores => '{media}');
select test.raises($$select offload.configure('products', 'photo', stores => '{media,safe}', source_policy => 'clear', originals => 'discard')$$,
  'OF010', 'private');
select test.rows('select source_policy from offload.effective_column', array['keep'], 'nothing was changed');
