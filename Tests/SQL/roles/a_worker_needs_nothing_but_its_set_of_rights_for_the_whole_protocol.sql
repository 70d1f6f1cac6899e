create table products (id int primary key, image text, photo bytea, pictures bytea[]);
revoke all on products from public;
insert into products select n, test.data_uri(n), test.png(n), array[test.png(n + 50)] from generate_series(1, 5) n;
select offload.grant_role('worker', 'spec_worker');
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.add_store('disk', 'directory', path => '/srv/media');
select offload.attach('products', 'image', stores => '{media}', strategy => 'redundant', local_store => 'disk',
  source_policy => 'clear', originals => 'archive', grace => '0');
select offload.attach('products', 'photo', stores => '{media}', source_policy => 'replace', originals => 'archive');
select offload.attach('products', 'pictures', stores => '{media}');
insert into products (id, photo) select n, test.png(n) from generate_series(6, 10) n;
-- session worker
set session authorization spec_worker;
select offload.heartbeat(gen_random_uuid(), 'host', 1, '0.1.0');
select offload.note_check(name, true, true) from offload.store;
insert into offload.setting (name, value, origin) values ('max_edge', '512', 'environment') on conflict do nothing;
select test.equal((select value from offload.setting where name = 'max_edge'), '512');
select test.work(3);
select test.equal((select sum(ready) from offload.queue_stats), 0);
select test.rows('select column_name, total, with_s3, with_base64 from offload.storage_stats order by 1',
  array['image|10|5|0', 'photo|10|10|10', 'pictures|10|5|5']);
-- session main
update products set photo = test.png(100) where id < 3;
insert into products (id, photo) values (11, 'no image'), (12, test.png(12));
delete from products where id = 4;
-- session worker
select lease from offload.take(1) limit 1 \gset
select test.equal(offload.release(null, :'lease'), 1);
select lease, job from offload.claim(1) \gset
select test.equal(offload.renew(:'lease', '2 minutes'), 1);
select test.holds(octet_length(offload.read_part(:job, :'lease', 2, 0, 0, 4)) = 4);
select test.equal(offload.release(array[:job], :'lease', '0'), 1);
select lease, job from offload.claim(1, '0') \gset
select test.equal(offload.reap(), 1);
select lease, job from offload.claim(1) \gset
select test.equal(offload.fail(array[:job], :'lease', 'internal', delay => '0'), 0);
select decision, lease as upload from offload.begin_upload(sha256('x'), 1, 'image/webp', 'media') \gset
select test.equal(offload.abandon_upload(sha256('x'), 'media', :'upload'), true);
select test.work();
select test.holds(offload.prune(1) is null);
select offload.recount(1);
select offload.fold_counts();
select offload.note_unreferenced();
select test.equal((select count(*) from offload.failures where reason = 'not_an_image'), 1);
-- session main
truncate products;
-- session worker
select test.work();
select test.equal((select count(*) from offload.item), 0);
select test.equal((select count(*) from offload.object where unreferenced_since is null), 0);
