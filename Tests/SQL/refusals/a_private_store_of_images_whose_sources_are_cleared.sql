create table products (id int primary key, image text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.note_check('media', true, opens => true);
select offload.attach('products', 'image', stores => '{media}', source_policy => 'clear', originals => 'discard', grace => '0');
select test.raises($$select offload.configure_store('media', access => 'private')$$, 'OF010', 'column image of table public.products', 'local_primary');
insert into products values (1, test.data_uri(1));
select test.equal(test.work(), 'written 1');
select test.rows('select image is null from products', array['true']);
select offload.note_check('media', true, opens => false);
select test.holds(strpos(access_remedy, 'put-bucket-policy') > 0 and strpos(access_remedy, 'private') = 0, access_remedy) from offload.store_stats;
-- Without the policy the row is no less empty.
select offload.configure('products', 'image', source_policy => 'keep');
select test.work();
select test.raises($$select offload.configure_store('media', access => 'private')$$, 'OF010', 'products', 'drain_store');
select test.rows('select image_url is not null from products_media', array['true']);
-- What the hint says, and then it can go.
select offload.configure('products', 'image', strategy => 'local_primary', source_policy => 'keep');
select test.work();
select test.rows('select image is not null from products', array['true']);
select test.holds(strpos(access_remedy, 'private') > 0) from offload.store_stats;
select offload.configure_store('media', access => 'private');
select test.rows('select access from offload.store', array['private']);
grant usage on schema public to spec_analyst;
select offload.grant_role('analyst', 'spec_analyst');
set session authorization spec_analyst;
select test.equal((select count(*) from offload.store_stats), 1, 'an analyst sees the remedies');
