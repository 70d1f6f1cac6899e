create table products (id int primary key, image text, image_s3_urls text[], pictures text[], image_s3_url text);
insert into products (id, image, image_s3_url, pictures, image_s3_urls) values
  (1, null, 'https://s3.example/shop/products/1.jpg', null, array[null, 'https://s3.example/shop/products/1b.jpg']),
  (2, test.base64(2), null, null, null);
select offload.add_store('media', 's3', endpoint => 'https://s3.example', bucket => 'shop');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}');
-- says: column image_s3_url of table public.products has URLs that lie in store "media"
select offload.attach('products', 'pictures', url_column => 'image_s3_urls', stores => '{media}');
-- says: column image_s3_urls of table public.products has URLs that lie in store "media"
select test.work();
select test.rows('select reason, remedy from offload.failures where column_name = ''image''', array(
  select format('unknown_object|%s', r.remedy) from offload.refusal_reason r
  where r.reason = 'unknown_object' and r.remedy like 'Leave the URL%'));
select test.raises($$select offload.configure_store('media', prefix => 'offload/')$$, 'OF017', 'holds 1 object', 'drain_store');
select offload.add_store('ours', 's3', endpoint => 'https://s3.example', bucket => 'shop', prefix => 'offload/');
select offload.drain_store('media', target => 'ours');
do $$
declare v record;
begin
  for v in select b.*, u.lease from offload.drain_batch('media') b, offload.begin_upload(b.object_hash, b.bytes, b.media_type, 'ours') u loop
    perform offload.finish_upload(v.object_hash, 'ours', v.lease, 'signed_payload');
  end loop;
end;
$$;
select test.equal(offload.advance_drain('media'), 'rewriting');
select offload.rewrite_batch(100);
select offload.rewrite_batch(100);
select offload.advance_drain('media');
select test.equal(offload.advance_drain('media'), 'complete');
select test.rows('select work, left_behind, detail from offload.store_progress', array['drain|0|', 'rewrite|0|']);
select offload.drop_store('media');
select offload.retry();
select test.work();
select test.equal((select count(*) from offload.failures), 0);
select test.rows('select id, image_s3_url, image_s3_urls from products order by id', array[
  '1|https://s3.example/shop/products/1.jpg|[null,"https://s3.example/shop/products/1b.jpg"]',
  '2|' || test.url(2, 'ours') || '|']);
