select test.shop();
insert into products (image) values (test.data_uri(1));
-- session a
select sha256(test.object_of(test.png(1))) as hash \gset
select lease as a from offload.begin_upload(:'hash', 44, 'image/webp', 'media') \gset
select test.holds(:'a' is not null);
-- session b
select sha256(test.object_of(test.png(1))) as hash \gset
select test.rows(format('select decision, lease from offload.begin_upload(%L, 44, ''image/webp'', ''media'')', :'hash'), array['busy|']);
select test.equal(test.work(), 'unplaced 1', 'who comes second puts the row off');
select test.rows('select reason, ready_at > clock_timestamp(), attempts from offload.job', array['store_unavailable|true|0']);
-- session a
select test.equal(offload.finish_upload(:'hash', 'media', :'a', 'content_md5'), true);
select test.equal(offload.finish_upload(:'hash', 'media', :'a', 'checksum'), true, 'it is there');
select test.rows('select evidence from offload.replica', array['content_md5']);
-- session b
update offload.job set ready_at = clock_timestamp();
select test.equal(test.work(), 'written 1');
