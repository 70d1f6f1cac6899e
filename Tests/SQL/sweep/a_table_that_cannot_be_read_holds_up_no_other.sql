create table locked (id int primary key, image text);
create table forced (id int primary key, image text);
create table renamed (id int primary key, image text);
create table sound (id int primary key, image text);
insert into locked values (1, test.data_uri(1));
insert into forced values (1, test.data_uri(1));
insert into renamed values (1, test.data_uri(1));
insert into sound values (1, test.data_uri(1));
select offload.attach('locked', 'image'), offload.attach('forced', 'image'), offload.attach('renamed', 'image'), offload.attach('sound', 'image');
alter table forced enable row level security, force row level security;
alter table renamed rename column image to picture;
-- session application
begin;
lock table locked;
-- session worker
select test.equal((select sum(offload.backfill(t.id)) from offload.managed_table t), 1);
select test.rows('select relation from (select relation::text, offload.count_rows(id) as is_counted from offload.managed_table) t where is_counted', array['sound']);
select test.rows('select relation::text, state, next_at > clock_timestamp(), detail ~ ''lock timeout|row-level|does not exist'' from offload.backfill_progress order by 1',
  array['forced|pending|true|true', 'locked|pending|true|true', 'renamed|pending|true|true', 'sound|complete||']);
-- session application
commit;
-- session worker
alter table forced no force row level security;
select offload.refresh('renamed');
update offload.backfill set ready_at = null;
select test.equal((select sum(offload.backfill(t.id)) from offload.managed_table t), 3);
select test.equal((select count(*) from offload.managed_table where offload.count_rows(id)), 3);
select test.rows('select state, detail from offload.backfill_progress group by 1, 2', array['complete|']);
