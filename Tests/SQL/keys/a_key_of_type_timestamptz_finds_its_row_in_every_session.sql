create table things (key timestamptz primary key, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
insert into things values ('2026-03-29 01:30:00+00', test.data_uri(1));
select offload.attach('things', 'image', url_column => 'image_s3_url', stores => '{media}');
-- session application
set timezone = 'Asia/Kathmandu'; set datestyle = 'German';
insert into things values ('infinity', test.data_uri(2));
insert into things values ('1900-01-01 00:00:00.123456+00', test.data_uri(3));
update things set image = test.data_uri(3) where key = '1900-01-01 00:00:00.123456+00';
-- session worker
select test.equal(test.work(), 'written 3');
select test.equal((select count(*) from things where image_s3_url = test.url(test.decoded(image))), 3, 'each row has its own URL');
select test.equal((select count(*) from offload.item), 3, 'each row has one item');
-- session application
delete from things where key = '2026-03-29 01:30:00+00';
-- session worker
set timezone = 'Asia/Kathmandu'; set datestyle = 'German';
select offload.sweep('things');
select test.equal(test.work(1), 'gone 1', 'a sweep in another session takes every key for what it was');
select test.equal((select count(*) from offload.item), 2);
