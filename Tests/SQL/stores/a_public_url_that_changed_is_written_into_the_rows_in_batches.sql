select test.shop();
insert into products (id, image) select n, test.base64(n) from generate_series(1, 7) n;
insert into products (id, image, image_s3_url) values (8, test.base64(8), 'https://elsewhere.example/8');
select test.work();
select test.equal(count(*), 7) from products where offload.lies_in_store(image_s3_url);
select image_s3_url as old from products where id = 1 \gset
select offload.configure_store('media', public_url => 'https://cdn.example/media');
select test.rows('select prefix, is_current from offload.store_url order by is_current', array[
  'https://shop-media.s3.eu-central-1.amazonaws.com/|false', 'https://cdn.example/media/|true']);
select test.holds(offload.lies_in_store(:'old'), 'what URLs began with stays ours');
select offload.rewrite_urls('media');
select test.rows('select store, work, relation, state, done from offload.store_progress', array['media|rewrite|products|pending|0']);
select xmin as before from products where id = 1 \gset
select test.equal(offload.rewrite_batch(3), 3);
select test.equal((select count(*) from products where image_s3_url like 'https://cdn.example/media/%'), 3, 'a batch, and no more');
begin;
select test.equal(offload.rewrite_batch(3), 3);
rollback;
select test.equal((select count(*) from products where image_s3_url like 'https://cdn.example/media/%'), 3, 'what was cut short has not happened');
select test.equal(offload.rewrite_batch(3), 3);
select test.equal(offload.rewrite_batch(3), 2);
select test.equal(offload.rewrite_batch(3), 0, 'and it is done');
select test.rows('select state, done, left_behind, finished_at is not null from offload.store_progress', array['complete|7|0|true']);
select test.rows('select id, image_s3_url from products where not starts_with(image_s3_url, ''https://cdn.example/media/'') order by id',
  array['8|https://elsewhere.example/8'], 'foreign URLs stay');
select test.equal((select image_s3_url from products where id = 1), test.url(1));
select test.equal((select count(*) from offload.arrival), 0, 'nothing is looked at again because of it');
select test.equal((select count(*) from offload.item i join products p on i.key[1]::int = p.id where i.row_version = p.xmin), 7, 'and the sweep has seen it');
update products set image_s3_url = :'old' where id = 1;
select test.equal((select image_s3_url from products where id = 1), test.url(1), 'no application brings the old one back');
select offload.rewrite_urls('media');
select test.equal(offload.rewrite_batch(100), 8);
select test.rows('select state, done from offload.store_progress', array['complete|0'], 'a second run changes nothing');
