select test.shop();
-- session a
begin;
select test.equal(decision, 'upload') from offload.begin_upload(sha256('a'), 44, 'image/webp', 'media');
-- session b, which waits
select test.equal(decision, 'busy') from offload.begin_upload(sha256('a'), 44, 'image/webp', 'media');
-- session a
commit;
