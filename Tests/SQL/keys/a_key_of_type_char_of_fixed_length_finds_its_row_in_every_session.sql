create table things (key char(8) primary key, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
insert into things values ('abc', test.data_uri(1));
select offload.attach('things', 'image', url_column => 'image_s3_url', stores => '{media}');
insert into things values ('abcdefgh', test.data_uri(2));
update things set image = test.data_uri(2) where key = 'abcdefgh';
-- session worker
select test.equal(test.work(), 'written 2');
select test.equal((select count(*) from things where image_s3_url = test.url(test.decoded(image))), 2, 'each row has its own URL');
select test.equal((select count(*) from offload.item), 2, 'each row has one item');
delete from things where key = 'abc';
-- session worker
select offload.sweep('things');
select test.equal(test.work(1), 'gone 1', 'a sweep in another session takes every key for what it was');
select test.equal((select count(*) from offload.item), 1);
