select offload.add_store('cloud', 'cloudinary', bucket => 'demo');
select offload.add_store('other', 's3', bucket => 'b');
select key, lease as upload from offload.begin_upload(sha256('a'), 1, 'video/mp4', 'cloud') \gset
select test.rows($$select state, provider from offload.stored_object('cloud', array['$$ || :'key' || $$', 'no'])$$, array['uploading|']);
select offload.finish_upload(sha256('a'), 'cloud', :'upload', 'checksum', 'e',
  'https://res.cloudinary.com/demo/video/upload/v1/x.mp4', '{"resource_type": "video"}');
select test.rows($$select state, etag, url, provider ->> 'resource_type' from offload.stored_object('cloud', array['$$ || :'key' || $$'])$$,
  array['stored|e|https://res.cloudinary.com/demo/video/upload/v1/x.mp4|video']);
select test.equal((select count(*) from offload.stored_object('other', array[:'key'])), 0);
