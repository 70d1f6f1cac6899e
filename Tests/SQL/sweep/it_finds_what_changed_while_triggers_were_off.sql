select test.shop();
insert into products (id, image) select n, test.data_uri(n) from generate_series(1, 5) n;
select test.work();
set session authorization postgres;
set session_replication_role = replica;
insert into public.products (id, image) values (6, test.data_uri(6)), (7, null);
update public.products set image = test.data_uri(20) where id = 2;
update public.products set image = null where id = 3;
delete from public.products where id = 4;
update public.products set name = 'unrelated' where id = 5;
reset session_replication_role;
set session authorization spec_owner;
select test.equal((select count(*) from offload.arrival), 0, 'no trigger saw it');
select offload.sweep('products');
select test.work(3);
select test.rows('select id, image_s3_url from products order by id',
  array['1|' || test.url(1), '2|' || test.url(20), '3|' || test.url(3), '5|' || test.url(5), '6|' || test.url(6), '7|'],
  'a URL without a source is all there is of the third image');
select test.equal((select array_agg(distinct key[1] order by key[1]) from offload.item), '{1,2,3,5,6}'::text[]);
select test.rows('select total, with_s3, with_base64 from offload.storage_stats', array['6|5|4']);
select test.equal((select count(*) from offload.object where unreferenced_since is not null), 2);
select offload.sweep('products');
select test.equal(test.work(), 'nothing', 'a second sweep finds nothing');
