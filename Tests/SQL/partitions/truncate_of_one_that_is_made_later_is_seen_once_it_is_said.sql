create table events (id int, day date, image text, image_s3_url text, primary key (id, day)) partition by range (day);
create table events_1 partition of events for values from ('2026-01-01') to ('2026-02-01');
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('events', 'image', url_column => 'image_s3_url', stores => '{media}');
select test.work();
create table events_2 partition of events for values from ('2026-02-01') to ('2026-03-01');
create table events_3 partition of events for values from ('2026-03-01') to ('2026-04-01') partition by range (day);
create table events_31 partition of events_3 for values from ('2026-03-01') to ('2026-03-15');
-- session writer
begin;
insert into events_1 values (9, '2026-01-09', null);
-- session main
select test.equal(offload.refresh_partitions('events'), 2, 'who writes to another partition is in nobody''s way');
-- session writer
rollback;
begin;
insert into events_31 values (9, '2026-03-09', null);
-- session main
drop trigger zz_offload_truncate_1 on events_2;
select test.equal(offload.refresh_partitions('events'), 1, 'what is there is not touched');
select test.equal(offload.refresh_partitions('events'), 0);
-- session writer
rollback;
-- session main
insert into events values (1, '2026-02-01', test.data_uri(1)), (2, '2026-03-01', test.data_uri(2));
select test.work();
truncate events_2;
truncate events_31;
select test.rows('select total from offload.storage_stats', array['0']);
select test.equal(test.work(), 'gone 2');
drop trigger zz_offload_truncate_1 on events_2;
-- session writer
begin;
insert into events_2 values (9, '2026-02-09', null);
-- session main
select test.raises($$select offload.refresh_partitions('events')$$, 'OF012', 'events_2', 'pg_locks');
-- session writer
rollback;
-- session main
select test.raises($$select offload.refresh_partitions('events_1')$$, 'OF006', 'events_1', 'attach');
select offload.detach('events', 'image');
select test.equal((select count(*) from pg_trigger where tgname like 'zz_offload%'), 0);
