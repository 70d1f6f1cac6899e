select offload.add_store('media', 's3', bucket => 'shop-media', prefix => 'img/');
select test.rows('select access_verdict, access_remedy from offload.store_stats', array['not tried|']);
select offload.note_check('media', true, false, null, '{"conditional_writes": true}', '12 ms', '2 s');
select test.rows('select access_verdict, latency, clock_difference, capabilities from offload.store_stats', array['refused|00:00:00.012|00:00:02|{"conditional_writes": true}']);
select test.holds(strpos(access_remedy, '"Resource":"arn:aws:s3:::shop-media/img/*"') > 0 and strpos(access_remedy, 'put-bucket-policy --bucket shop-media') > 0) from offload.store_stats;
create table products (id int primary key, image text);
select offload.attach('products', 'image', stores => '{media}');
-- says: URLs of store "media" do not open without credentials
select offload.note_check('media', true, true);
select test.rows('select access_verdict, access_remedy from offload.store_stats', array['opens|']);
select offload.configure_store('media', access => 'private');
select test.rows('select access_verdict, access_remedy from offload.store_stats', array['private|']);
