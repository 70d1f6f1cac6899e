-- A BEFORE trigger sees no generated column, and does not know where the row goes.
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
create table plain (id int primary key, image text, photo bytea);
create table generated (a int, id int generated always as (a * 10) stored primary key, image text);
create table touched (id int primary key, image text);
create function touch() returns trigger language plpgsql as 'begin return new; end';
create trigger touch before update on touched for each row execute function touch();
create table parent (id int primary key, image text) partition by range (id);
create table low partition of parent for values from (0) to (100);
create table high partition of parent for values from (100) to (200);
select offload.attach(relation, 'image', url_column => 'url', stores => '{media}', strategy => 's3_primary')
from unnest('{plain,generated,touched,parent}'::regclass[]) relation;
select test.rows($$
  select t.relation, string_agg(g.tgname || ' ' || case when g.tgtype & 2 = 2 then 'before' else 'after' end, ', ' order by g.tgname)
  from offload.managed_table t join pg_trigger g on g.tgrelid = t.relation
  where g.tgname ~ 'guard|change' group by t.id, t.relation order by t.id$$, array[
    'plain|zz_offload_guard_1 before', 'generated|zz_offload_change_2 after, zz_offload_guard_2 before',
    'touched|zz_offload_change_3 after, zz_offload_guard_3 before', 'parent|zz_offload_change_4 after, zz_offload_guard_4 before']);
insert into plain values (1, 'aGVsbG8=');
insert into generated values (1, default, 'aGVsbG8=');
insert into touched values (1, 'aGVsbG8=');
insert into parent values (1, 'aGVsbG8=');
truncate offload.arrival;
update plain set image = 'aGVsbG8sIHdvcmxk';
update generated set a = 2, image = 'aGVsbG8sIHdvcmxk';
update touched set image = 'aGVsbG8sIHdvcmxk';
update parent set id = 101, image = 'aGVsbG8sIHdvcmxk';
select test.rows('select managed_table, key from offload.arrival order by 1, 2', array[
  '1|["1"]', '2|["10"]', '2|["20"]', '3|["1"]', '4|["1"]', '4|["101"]']);
select test.rows('select relation, total, with_base64, bytes_in_rows from offload.storage_stats order by relation::text', array[
  'generated|1|1|16', 'parent|1|1|16', 'plain|1|1|16', 'touched|1|1|16']);
-- Each way that one trigger knows: equal lengths, none before, none after, another key, a second column.
truncate offload.arrival;
update plain set image = 'aGVsbG8sIHdvcmxj';
update plain set image = 'aGVsbG8sIHdvcmxj';
update plain set image = null;
update plain set image = '';
update plain set image = 'aGVsbG8=';
update plain set id = 2;
select test.rows('select key from offload.arrival order by id', array['["1"]', '["1"]', '["1"]', '["1"]', '["2"]', '["1"]']);
select test.rows($$select total, with_base64, bytes_in_rows from offload.storage_stats where relation = 'plain'::regclass$$, array['1|1|8']);
select offload.attach('plain', 'photo', url_column => 'photo_at', stores => '{media}', strategy => 's3_primary');
truncate offload.arrival;
update plain set photo = '\x01';
update plain set photo = '\x02', image = 'aGVsbG8=';
update plain set photo = '\x02', image = 'aGVsbG8=';
update plain set photo = repeat('x', 5000)::bytea;
update plain set photo = repeat('x', 5000)::bytea;
update plain set photo = repeat('x', 5000)::bytea, image = 'aGVsbG8sIHdvcmxk';
update plain set photo = repeat('y', 5000)::bytea;
select test.equal((select count(*) from offload.arrival where key is not null), 5);
select test.rows($$select column_name, total, with_base64, bytes_in_rows from offload.storage_stats where relation = 'plain'::regclass order by 1$$,
  array['image|1|1|16', 'photo|0|1|5000']);
