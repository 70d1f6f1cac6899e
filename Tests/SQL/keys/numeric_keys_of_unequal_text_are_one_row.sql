create table things (key numeric primary key, image text, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('things', 'image', url_column => 'image_s3_url', stores => '{media}');
insert into things values (1.0, test.data_uri(1));
select test.work();
-- 1.0 = 1.00, but their texts differ.
update things set key = 1.00;
select test.work();
select test.rows('select key, image_s3_url from things', array['1.00|' || test.url(1)]);
select test.equal((select count(*) from offload.item), 1, 'one row has one item');
update things set image = test.data_uri(2);
select test.work();
select test.equal(image_s3_url, test.url(2)) from things;
delete from things;
select test.work();
select test.equal((select count(*) from offload.item), 0);

insert into things values (2.0, test.data_uri(3));
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
update things set key = 2.00;
-- session worker
select test.equal(test.complete(:'lease', :'results', :'contents'), 'gone 1', 'the text that was claimed is no row''s key any more');
select test.work();
select test.rows('select key, image_s3_url from things', array['2.00|' || test.url(3)]);
select test.rows('select key from offload.item', array['["2.00"]']);
