select test.shop();
insert into products (image) values (test.base64(1));
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
select test.raises(format('select * from offload.complete(%L, %L, array[%L::bytea])', :'lease',
  jsonb_set(:'results', '{0,items,0,content}', '1'),
  convert_to(encode(test.object_of(test.png(1)), 'base64'), 'UTF8')), 'OF023', 'would be lost');
select test.equal(image, test.base64(1), 'the row is as it was') from products;
