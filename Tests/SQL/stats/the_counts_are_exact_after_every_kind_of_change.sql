create table products (id int primary key, name text, image text, image_at text, photo bytea, photo_at text);
create function public.drift() returns text language sql as $$
  select string_agg(format('%s: %s, not %s', s.column_name, s.*, r.*), '; ')
  from (
    select 'image' as column_name, count(*) as total, count(image_at) as with_s3, count(*) filter (where image <> '') as with_base64,
      count(image_at) filter (where image <> '') as with_both, count(*) filter (where image_at is null and coalesce(image, '') = '') as with_neither,
      coalesce(sum(octet_length(image)), 0) as bytes
    from public.products
    union all
    select 'photo', count(*), count(photo_at), count(*) filter (where photo <> ''),
      count(photo_at) filter (where photo <> ''), count(*) filter (where photo_at is null and coalesce(photo, '') = ''),
      coalesce(sum(octet_length(photo)), 0)
    from public.products
  ) r
  join offload.storage_stats s on s.column_name = r.column_name
  where (s.total, s.with_s3, s.with_base64, s.with_both, s.with_neither, s.bytes_in_rows)
    <> (r.total, r.with_s3, r.with_base64, r.with_both, r.with_neither, r.bytes)
$$;
insert into products (id, image) values (-1, test.data_uri(1)), (-2, '');
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_at', stores => '{media}');
select offload.attach('products', 'photo', url_column => 'photo_at', stores => '{media}');
select test.work();
select test.equal(drift(), null, 'after the backfill');
insert into products (id, image, photo) select n, nullif(test.data_uri(n), test.data_uri(3)), case when n % 2 = 0 then test.png(n) end
from generate_series(1, 30) n;
select test.equal(drift(), null, 'after inserts');
select test.work(7);
select test.equal(drift(), null, 'after the write-backs');
update products set image = null where id % 3 = 0;
update products set photo = test.png(1000 + id), name = 'x' where id % 4 = 0;
update products set photo = '', image_at = 'https://elsewhere.example/', image = image where id % 5 = 0;
select test.equal(drift(), null, 'after updates');
begin;
delete from products where id < 10;
savepoint one;
update products set image = 'QUJD';
rollback to one;
select test.equal(drift(), null, 'within a transaction');
rollback;
select test.equal(drift(), null, 'after a rollback');
delete from products where id in (1, 2, 3);
insert into products (id, image) values (4, 'QUJD') on conflict (id) do update set image = excluded.image, id = 400;
select test.work(5);
select test.equal(drift(), null, 'after deletions and upserts');
select test.holds(offload.fold_counts() > 100, 'there is something to fold');
select test.equal(drift(), null, 'after folding');
select test.holds((select count(*) from offload.count_entry) < 10 and (select count(*) from offload.row_entry) < 10, 'and little is left');
select test.equal(offload.fold_counts(), 0, 'few entries are left alone');
begin;
truncate products;
insert into products (id, image) values (1, 'QUJD');
select test.equal(drift(), null, 'after a truncate');
rollback;
select test.equal(drift(), null, 'after a truncate that was rolled back');
truncate products;
insert into products (id, image) select n, test.data_uri(n) from generate_series(1, 120) n;
select offload.fold_counts();
select test.equal(drift(), null, 'after a truncate that was folded');
select offload.recount(1);
select test.equal(drift(), null, 'after counting anew');
-- Behind the triggers' back.
set session authorization postgres;
set session_replication_role = replica;
delete from public.products where id < 50;
reset session_replication_role;
set session authorization spec_owner;
select test.holds(drift() is not null, 'what fires no trigger is not seen');
select offload.recount(1);
select test.equal(drift(), null, 'until the table is counted anew');
