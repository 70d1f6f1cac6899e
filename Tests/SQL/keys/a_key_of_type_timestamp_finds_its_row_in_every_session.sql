create table things (key timestamp primary key, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
insert into things values ('2026-03-04 05:06:07.000001', test.data_uri(1));
select offload.attach('things', 'image', url_column => 'image_s3_url', stores => '{media}');
-- session application
set datestyle = 'SQL, DMY';
update things set image = test.data_uri(1) where key = '2026-03-04 05:06:07.000001';
-- session worker
select test.equal(test.work(), 'written 1');
select test.equal((select count(*) from things where image_s3_url = test.url(test.decoded(image))), 1, 'each row has its own URL');
select test.equal((select count(*) from offload.item), 1, 'each row has one item');
-- session application
delete from things where key = '2026-03-04 05:06:07.000001';
-- session worker
set datestyle = 'SQL, DMY';
select offload.sweep('things');
select test.equal(test.work(1), 'gone 1', 'a sweep in another session takes every key for what it was');
select test.equal((select count(*) from offload.item), 0);
