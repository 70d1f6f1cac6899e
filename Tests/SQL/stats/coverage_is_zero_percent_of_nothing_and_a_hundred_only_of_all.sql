create table products (id int primary key, image text, image_at text);
select offload.attach('products', 'image', url_column => 'image_at');
select test.work();
select test.rows('select total, s3_coverage from offload.storage_stats', array['0|0%']);
insert into products (id, image_at) select n, 'https://elsewhere.example/' || n from generate_series(1, 999) n;
select test.rows('select total, s3_coverage from offload.storage_stats', array['999|100%']);
insert into products values (1000);
select test.rows('select total, with_neither, s3_coverage from offload.storage_stats', array['1000|1|99%'], 'not rounded up');
