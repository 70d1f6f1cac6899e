select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
update products set id = 7;
select test.equal(image_s3_url, test.url(1), 'the URL stays') from products;
select test.equal((select array_agg(key order by key) from offload.arrival), array[array['1'], array['7']]);
select test.equal(test.work(), 'gone 1, unchanged 1');
select test.rows('select key, object_hash is not null from offload.item', array['["7"]|true']);
select test.equal(unreferenced_since, null) from offload.object;
