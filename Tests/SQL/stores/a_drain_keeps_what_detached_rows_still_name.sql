select test.shop();
select offload.add_store('second', 's3', bucket => 'second', region => 'eu-central-1');
insert into products (id, image) values (1, test.base64(1));
select test.work();
select image_s3_url as url from products \gset
select offload.detach('products', 'image');
select offload.drain_store('media', target => 'second');
select lease from offload.drain_batch('media') b, offload.begin_upload(b.object_hash, b.bytes, b.media_type, 'second') \gset
select offload.finish_upload(sha256(test.object_of(test.png(1))), 'second', :'lease', 'signed_payload');
select test.equal(offload.advance_drain('media'), 'rewriting');
select test.equal(offload.advance_drain('media'), 'complete');
select test.rows('select state, left_behind, detail like ''%release_detached%'' from offload.store_progress', array['complete|1|true']);
select test.equal((select image_s3_url from products), :'url');
