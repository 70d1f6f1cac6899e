create table products (id int primary key, image text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', stores => '{media}', source_policy => 'replace', originals => 'discard');
insert into products values (1, test.base64(1));
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
select test.raises(format('select * from offload.complete(%L, %L, array[%L::bytea])', :'lease', :'results',
  convert_to(test.base64(2), 'UTF8')), 'OF023', 'would be lost');
select test.raises(format('select * from offload.complete(%L, %L, %L)', :'lease', :'results', '{}'), 'OF023', 'would be lost');
select test.raises(format('select * from offload.complete(%L, %L, array[%L::bytea])', :'lease', :'results',
  test.object_of(test.png(1))), null, '');
select test.equal(image, test.base64(1), 'the row is as it was') from products;
select test.equal(test.complete(:'lease', :'results', :'contents'), 'written 1');
