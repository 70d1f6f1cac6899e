create table things (id int, extra text, image text, image_s3_url text, primary key (id) include (extra));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('things', 'image', url_column => 'image_s3_url', stores => '{media}');
insert into things values (1, 'x', test.data_uri(1));
select test.work();
select test.rows('select key from offload.item', array['["1"]']);
