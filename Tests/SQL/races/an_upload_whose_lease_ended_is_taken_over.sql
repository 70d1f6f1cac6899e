select test.shop();
select lease as a from offload.begin_upload(sha256('x'), 1, 'image/webp', 'media', lease_for => '0') \gset
select decision, lease as b from offload.begin_upload(sha256('x'), 1, 'image/webp', 'media') \gset
select test.equal(:'decision'::text, 'upload');
select test.equal(offload.finish_upload(sha256('x'), 'media', :'a', 'signed_payload'), false, 'the first is too late');
select test.equal(offload.abandon_upload(sha256('x'), 'media', :'b'), true);
select test.equal(decision, 'upload', 'who gives up lets others begin at once') from offload.begin_upload(sha256('x'), 1, 'image/webp', 'media');
