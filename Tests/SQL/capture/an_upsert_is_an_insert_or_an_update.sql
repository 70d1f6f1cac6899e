select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
insert into products (id, image) values (1, test.data_uri(10)), (2, test.data_uri(2))
on conflict (id) do update set image = excluded.image;
select test.rows('select id, image_s3_url from products order by id', array['1|', '2|']);
select test.equal(test.work(), 'written 2');
select test.rows('select id, image_s3_url from products order by id', array['1|' || test.url(10), '2|' || test.url(2)]);
insert into products (id, image) values (1, test.data_uri(11)) on conflict do nothing;
select test.equal((select count(*) from offload.arrival), 0, 'nothing was done, nothing is queued');
insert into products (id, image) values (1, test.data_uri(10)) on conflict (id) do update set image = excluded.image;
select test.rows('select id, image_s3_url from products order by id', array['1|' || test.url(10), '2|' || test.url(2)]);
select test.equal((select count(*) from offload.arrival), 0, 'an equal image is none');
select test.rows('select total, with_s3, with_base64 from offload.storage_stats', array['2|2|2']);
