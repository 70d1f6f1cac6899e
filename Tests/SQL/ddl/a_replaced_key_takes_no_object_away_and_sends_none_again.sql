select test.shop();
insert into products (id, image) select n, test.data_uri(n) from generate_series(1, 4) n;
select test.work();
-- says: encoded
insert into products (id, image) values (5, test.data_uri(5));
begin;
select offload.suspend('products');
alter table products drop constraint products_pkey, add column code uuid default gen_random_uuid(), add primary key (code);
select offload.refresh('products');
commit;
select test.work();
select test.equal((select count(*) from offload.item i join products p on p.code = i.key[1]::uuid), 5, 'each row under its new key');
select test.equal((select count(*) from offload.item), 5);
select test.equal((select count(*) from offload.object where unreferenced_since is not null), 0);
select test.equal((select count(*) from offload.arrival), 0);
select test.rows('select total, with_s3, bytes_in_stores = (select sum(bytes) from offload.object), bytes_saved = (select sum(i.source_bytes - o.bytes) from offload.item i join offload.object o on o.hash = i.object_hash) from offload.storage_stats',
  array['5|5|true|true']);
begin;
select offload.suspend('products');
alter table products alter column code type text;
select offload.refresh('products');
commit;
select test.equal(test.work(), 'unchanged 5');
-- A key that was widened is the same key.
create table narrow (id smallint primary key, image text);
select offload.attach('narrow', 'image', stores => '{media}');
insert into narrow values (1, test.data_uri(1));
select test.work();
select i.seen_at as seen from offload.item i where i.managed_column = 2 \gset
begin;
select offload.suspend('narrow');
alter table narrow alter column id type bigint;
select test.equal((select count(*) from offload.item i where i.managed_column = 2 and i.seen_at = :'seen'), 1);
select offload.refresh('narrow');
commit;
select test.equal((select count(*) from offload.item i where i.managed_column = 2 and i.seen_at = :'seen'), 1, 'its items were kept');
