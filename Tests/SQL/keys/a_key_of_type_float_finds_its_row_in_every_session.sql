create table things (key double precision primary key, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
insert into things values (0.1::float8 + 0.2::float8, test.data_uri(1));
select offload.attach('things', 'image', url_column => 'image_s3_url', stores => '{media}');
-- session application
set extra_float_digits = -15;
insert into things values (1e-300, test.data_uri(2));
insert into things values ('NaN', test.data_uri(3));
update things set image = test.data_uri(3) where key = 'NaN';
-- session worker
select test.equal(test.work(), 'written 3');
select test.equal((select count(*) from things where image_s3_url = test.url(test.decoded(image))), 3, 'each row has its own URL');
select test.equal((select count(*) from offload.item), 3, 'each row has one item');
-- session application
delete from things where key = 0.1::float8 + 0.2::float8;
-- session worker
set extra_float_digits = -15;
select offload.sweep('things');
select test.equal(test.work(1), 'gone 1', 'a sweep in another session takes every key for what it was');
select test.equal((select count(*) from offload.item), 2);
