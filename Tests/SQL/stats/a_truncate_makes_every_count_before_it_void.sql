-- Counts of rows with a source and no URL are kept apart from the others, and folded by themselves.
select test.shop();
insert into products (image) select test.data_uri(n % 4) from generate_series(1, 120) n;
update products set image_s3_url = 'https://elsewhere.example/1.png' where id <= 110;
truncate products;
select test.rows('select total, with_s3, with_base64, bytes_in_rows from offload.storage_stats', array['0|0|0|0']);
insert into products (id, image) values (1, 'aGVsbG8='), (2, 'aGVsbG8=');
update products set image = 'aGVsbG8sIHdvcmxk' where id = 2;
select test.rows('select total, with_s3, with_base64, bytes_in_rows from offload.storage_stats', array['2|0|2|24']);
select test.holds(offload.fold_counts() > 200, 'folded over the TRUNCATE');
select test.rows('select total, with_s3, with_base64, bytes_in_rows from offload.storage_stats', array['2|0|2|24']);
-- Folded beside an open TRUNCATE: it makes the folded entry void, too.
insert into products (image) select 'aGVsbG8=' from generate_series(3, 120) n;
-- session other
begin;
truncate products;
-- session main
select test.holds(offload.fold_counts() > 100);
-- session other
commit;
-- session main
select test.rows('select total, with_s3, with_base64, bytes_in_rows from offload.storage_stats', array['0|0|0|0']);
