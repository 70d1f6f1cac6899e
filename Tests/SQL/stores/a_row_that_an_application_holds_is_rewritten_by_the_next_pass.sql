-- session a
select test.shop();
insert into products (id, image) select n, test.base64(n) from generate_series(1, 3) n;
select test.work();
select offload.configure_store('media', public_url => 'https://cdn.example');
select offload.rewrite_urls('media');
-- session b
begin;
update products set name = 'held' where id = 2;
-- session a
select test.equal(offload.rewrite_batch(10), 3);
select test.rows('select state, done from offload.store_progress', array['pending|2']);
select test.equal(offload.rewrite_batch(10), 0, 'not at once again');
-- session b
commit;
-- session a
update offload.rewrite set ready_at = clock_timestamp();
select test.equal(offload.rewrite_batch(10), 3);
select test.rows('select state, done from offload.store_progress', array['complete|3']);
select test.equal((select count(*) from products where starts_with(image_s3_url, 'https://cdn.example/')), 3);
