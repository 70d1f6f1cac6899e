create table products (id int primary key, image text);
select offload.attach('products', 'image');
select test.rows('select state, counted_at is not null from offload.backfill', array['complete|true']);
insert into products values (1, test.data_uri(1));
select test.equal(offload.backfill(1), 0);
select test.equal((select count(*) from offload.arrival), 1, 'its row is queued once');
select test.rows('select total, backfill from offload.storage_stats', array['1|complete']);
create table others (id int primary key, image text);
begin isolation level repeatable read;
select offload.attach('others', 'image');
commit;
select test.rows('select state from offload.backfill where managed_table = 2', array['pending'],
  'whose snapshot is older than the triggers cannot know that it is empty');
