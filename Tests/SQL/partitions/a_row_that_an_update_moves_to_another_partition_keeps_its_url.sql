create table events (id int, day date, image text, image_s3_url text, primary key (id, day)) partition by range (day);
create table events_1 partition of events for values from ('2026-01-01') to ('2026-02-01');
create table events_2 partition of events for values from ('2026-02-01') to ('2026-03-01');
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('events', 'image', url_column => 'image_s3_url', stores => '{media}', source_policy => 'clear',
  originals => 'discard', grace => '0');
insert into offload.store_check (store, is_reachable, opens) values (1, true, true);
insert into events values (1, '2026-01-01', test.data_uri(1));
select test.work();
select test.rows('select image, image_s3_url from events', array['|' || test.url(1)]);
update events set day = '2026-02-02';
select test.rows('select tableoid::regclass::text, image_s3_url from events', array['events_2|' || test.url(1)]);
select test.work();
select test.rows('select key from offload.item', array['["1","2026-02-02"]']);
select test.equal(unreferenced_since, null, 'the object is still referred to') from offload.object;
select test.rows('select total, with_s3, with_base64 from offload.storage_stats', array['1|1|0']);
