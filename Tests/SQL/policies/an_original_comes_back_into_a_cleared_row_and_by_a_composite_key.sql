create table products (shop text, id int, image bytea, image_s3_url text, primary key (shop, id));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', source_policy => 'clear',
  originals => 'archive', grace => '0');
insert into offload.store_check (store, is_reachable, opens) values (1, true, true);
insert into products values ('a', 1, test.png(1)), ('a', 2, test.png(2)), ('b', 1, test.png(3));
select test.work();
select test.rows('select count(image) from products', array['0']);
select test.equal(offload.restore_original('products', 'image', '{{a,1},{b,1}}'), 2);
select test.equal(offload.restore_original('products', 'image', '{a,2}'), 1);
update products set id = 9 where shop = 'b';
select test.work();
select test.rows('select shop, id, image = test.png(case shop when ''b'' then 3 else id end) from products order by 1, 2',
  array['a|1|true', 'a|2|true', 'b|9|'], 'a row whose key changed is another');
select test.equal(offload.restore_original('products', 'image', '{b,9}'), 1, 'and knows its original all the same');
select test.work();
select test.holds(image = test.png(3)) from products where shop = 'b';
