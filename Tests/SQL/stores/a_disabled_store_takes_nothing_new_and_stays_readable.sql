select test.shop();
insert into products (id, image) values (1, test.base64(1));
select test.work();
select offload.disable_store('media');
-- says: takes no new objects; what it holds stays readable
select offload.disable_store('media');
-- says: New values of public.products.image stay in their rows meanwhile.
insert into products (id, image) values (2, test.base64(2));
select test.raises($$select offload.begin_upload(sha256('a'), 1, 'image/webp', 'media')$$, 'OF008', 'disabled');
select test.rows('select id, image_source from products_media order by id', array['1|s3', '2|base64']);
select test.holds(disabled_at is not null) from offload.store_stats;
select offload.enable_store('media');
select test.work();
select test.rows('select id, image_source from products_media order by id', array['1|s3', '2|s3']);
