create table things (key numeric primary key, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
insert into things values (1.0, test.data_uri(1));
select offload.attach('things', 'image', url_column => 'image_s3_url', stores => '{media}');
insert into things values (2.00, test.data_uri(2));
insert into things values (-0.5, test.data_uri(3));
insert into things values (12345678901234567890.123456789, test.data_uri(4));
update things set image = test.data_uri(4) where key = 12345678901234567890.123456789;
-- session worker
select test.equal(test.work(), 'written 4');
select test.equal((select count(*) from things where image_s3_url = test.url(test.decoded(image))), 4, 'each row has its own URL');
select test.equal((select count(*) from offload.item), 4, 'each row has one item');
delete from things where key = 1.0;
-- session worker
select offload.sweep('things');
select test.equal(test.work(1), 'gone 1', 'a sweep in another session takes every key for what it was');
select test.equal((select count(*) from offload.item), 3);
