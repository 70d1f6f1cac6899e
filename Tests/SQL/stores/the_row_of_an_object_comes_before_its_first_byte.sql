select test.shop();
select decision, lease from offload.begin_upload(sha256('a'), 1, 'image/webp', 'media', 10, 20) \gset
select test.rows('select bytes, width, height, unreferenced_since is not null from offload.object', array['1|10|20|true'], 'born as a candidate for collection');
select test.rows('select state, evidence, stored_at, leased_until > clock_timestamp() from offload.replica', array['uploading|||true']);
select test.raises(format('select offload.finish_upload(sha256(''a''), ''media'', %L, null)', :'lease'), '23514', 'evidence');
select test.raises(format('select offload.finish_upload(sha256(''a''), ''media'', %L, ''hope'')', :'lease'), '23514', 'evidence');
select test.equal(offload.finish_upload(sha256('a'), 'media', :'lease', 'checksum', 'etag'), true);
select test.rows('select state, evidence, etag, lease from offload.replica', array['stored|checksum|etag|']);
select test.equal(decision, 'stored') from offload.begin_upload(sha256('a'), 1, 'image/webp', 'media');
