create table products (id int primary key, front text, back text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'front', stores => '{media}');
insert into products values (1, test.data_uri(1), test.data_uri(11)), (2, test.data_uri(2), null), (3, null, test.data_uri(13)), (4, null, null);
select test.equal(test.work(), 'written 2');
select offload.attach('products', 'back', stores => '{media}');
select test.rows('select column_name, counted_at is null from offload.storage_stats order by 1', array['back|true', 'front|false'],
  'what was counted before it was attached says nothing of it');
select test.equal(test.work(), 'written 2');
select test.rows('select id, front_remote_url, back_remote_url from products order by id', array[
  '1|' || test.url(1) || '|' || test.url(11), '2|' || test.url(2) || '|', '3||' || test.url(13), '4||']);
select test.equal((select queued from offload.backfill), 2, 'nothing is looked at that has no image there');
select test.rows('select column_name, total, with_s3, counted_at is null from offload.storage_stats order by 1',
  array['back|4|2|false', 'front|4|2|false']);
select offload.detach('products', 'front');
select offload.attach('products', 'front', stores => '{media}');
select test.equal(test.work(), 'unchanged 2', 'one that is attached again is looked at again');
select test.rows('select column_name, total, with_s3 from offload.storage_stats order by 1', array['back|4|2', 'front|4|2']);
-- The sweep of the next day finds nothing, though each row but one lacks the image of a column.
create table hours (id int primary key, front bytea[] default '{}', back text);
select offload.attach('hours', 'back', stores => '{media}');
select offload.attach('hours', 'front', stores => '{media}');
insert into hours (id, back) values (1, test.data_uri(21)), (2, null);
select test.work();
update offload.backfill set finished_at = clock_timestamp() - interval '25 hours';
select test.equal(offload.begin_sweeps(), 2);
create function hurry() returns bigint language sql as $$
  select count(offload.count_rows(b.managed_table)) from offload.backfill b;
  update offload.backfill set ready_at = null;
  select sum(offload.backfill(b.managed_table)) from offload.backfill b;
$$;
select test.equal(hurry(), 0);
select test.equal((select count(*) from offload.backfill where looked_at > 0), 2);
select test.equal(test.work(), 'nothing');
