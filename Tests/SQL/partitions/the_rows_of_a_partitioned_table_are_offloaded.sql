create table events (id int, day date, image text, image_s3_url text, primary key (id, day)) partition by range (day);
create table events_1 partition of events for values from ('2026-01-01') to ('2026-02-01');
create table events_2 partition of events for values from ('2026-02-01') to ('2026-03-01');
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
insert into events values (1, '2026-01-01', test.data_uri(1));
select offload.attach('events', 'image', url_column => 'image_s3_url', stores => '{media}');
insert into events values (2, '2026-02-01', test.data_uri(2));
insert into events_1 values (3, '2026-01-03', test.data_uri(3));
select test.equal(test.work(), 'written 3');
select test.rows('select id, image_s3_url from events order by id',
  array['1|' || test.url(1), '2|' || test.url(2), '3|' || test.url(3)]);
select test.rows('select total, with_s3 from offload.storage_stats', array['3|3']);
