create table events (id int, day date, image text, image_s3_url text, primary key (id, day)) partition by range (day);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('events', 'image', url_column => 'image_s3_url', stores => '{media}');
create table events_1 partition of events for values from ('2026-01-01') to ('2026-02-01');
insert into events values (1, '2026-01-01', test.data_uri(1));
select test.equal(test.work(), 'written 1');
select test.rows('select total, with_s3 from offload.storage_stats', array['1|1']);
