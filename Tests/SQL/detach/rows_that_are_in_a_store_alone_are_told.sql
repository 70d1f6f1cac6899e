create table products (id int primary key, image text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.note_check('media', true, opens => true);
select offload.attach('products', 'image', stores => '{media}', source_policy => 'clear', originals => 'discard', grace => '0');
insert into products values (1, test.data_uri(1)), (2, test.data_uri(2)), (3, null);
select test.equal(test.work(), 'written 2');
select offload.restore_original('products', 'image', '{7}');
-- says: no original of column image of table public.products is to be brought back
select offload.detach('products', 'image');
-- says: 2 rows of table public.products have a URL in image_remote_url and nothing in image: what they show is in its store alone
select test.rows('select id, image, image_remote_url is not null from products order by id', array['1||true', '2||true', '3||false']);
-- What the hint says.
select offload.attach('products', 'image', strategy => 'local_primary', stores => '{media}');
select test.work();
select test.rows('select id, image is not null, image_remote_url is not null from products order by id', array['1|true|false', '2|true|false', '3|false|false']);
select offload.detach('products', 'image');
-- never says: what they show
