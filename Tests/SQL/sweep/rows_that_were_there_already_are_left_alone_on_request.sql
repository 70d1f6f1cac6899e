create table products (id int primary key, image text);
insert into products values (1, test.data_uri(1));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', backfill => false);
insert into products values (2, test.data_uri(2));
select test.equal(test.work(), 'written 1');
select test.rows('select id, image_remote_url is not null from products order by id', array['1|false', '2|true']);
