select test.shop();
select offload.add_store('second', 's3', bucket => 'second', region => 'eu-central-1');
insert into products (id, image) select n, test.base64(n) from generate_series(1, 5) n;
insert into products (id, image, image_s3_url) values (8, test.base64(8), 'https://elsewhere.example/8');
select test.work();
select test.raises($$select offload.drain_store('media', target => 'media')$$, 'OF015', 'cannot be moved', 'into itself');
select offload.drain_store('media', target => 'second');
select test.raises($$select offload.drop_store('media')$$, 'OF017', 'holds', 'drain_store');
select test.equal((select s.name from offload.chain h join offload.store s on s.id = h.store), 'second', 'new objects go there');
insert into products (id, image) values (6, test.base64(6));
select test.work();
select test.equal((select image_s3_url from products where id = 6), test.url(6, 'second'));
select test.rows('select state, done, total, left_behind from offload.store_progress', array['copying|0|5|5']);
select test.equal((select count(*) from offload.drain_batch('media', batch => 4)), 4);
select test.equal((select count(*) from offload.drain_batch('media', after => (select max(object_hash::text)::bytea from offload.drain_batch('media', batch => 4)))), 1);
select test.equal(offload.advance_drain('media', 'one was not read'), 'copying');
-- The worker copies.
do $$
declare v record;
begin
  for v in select b.*, u.lease from offload.drain_batch('media') b, offload.begin_upload(b.object_hash, b.bytes, b.media_type, 'second') u loop
    perform offload.finish_upload(v.object_hash, 'second', v.lease, 'signed_payload');
  end loop;
end;
$$;
select test.rows('select state, done, detail from offload.store_progress', array['copying|5|one was not read']);
select test.equal(offload.advance_drain('media'), 'rewriting');
select test.equal(offload.rewrite_batch(100), 7);
select test.equal(offload.advance_drain('media'), 'rewriting');
select test.equal(offload.advance_drain('media'), 'complete');
select test.rows($$select state, done, total, left_behind, detail from offload.store_progress where work = 'drain'$$, array['complete|5|5|0|']);
select test.equal((select count(*) from products where image_s3_url = test.url(id, 'second')), 6);
select test.equal((select image_s3_url from products where id = 8), 'https://elsewhere.example/8', 'foreign URLs stay');
select test.equal((select count(*) from offload.replica r join offload.store s on s.id = r.store where s.name = 'media'), 0);
select offload.drop_store('media');
select test.rows('select name, objects from offload.store_stats', array['second|6']);
