select test.shop();
insert into products (id, image) values (1, test.data_uri(1)), (2, test.data_uri(2)), (3, test.data_uri(3));
select test.work();
merge into products p
using (values (1, test.data_uri(1)), (2, test.data_uri(20)), (3, null), (4, test.data_uri(4))) s (id, image) on p.id = s.id
when matched and s.image is null then delete
when matched then update set image = s.image, image_s3_url = null
when not matched then insert (id, image) values (s.id, s.image);
select test.equal((select array_agg(key order by key) from offload.arrival), array[array['2'], array['3'], array['4']]);
select test.equal(test.work(), 'gone 1, written 2');
select test.rows('select id, image_s3_url from products order by id',
  array['1|' || test.url(1), '2|' || test.url(20), '4|' || test.url(4)]);
select test.rows('select total, with_s3 from offload.storage_stats', array['3|3']);
