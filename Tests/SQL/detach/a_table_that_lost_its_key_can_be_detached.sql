create table products (id int primary key, front text, back text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'front', stores => '{media}'), offload.attach('products', 'back', stores => '{media}');
insert into products values (1, test.data_uri(1), test.data_uri(2));
select test.work();
alter table products drop constraint products_pkey;
select test.raises($$select offload.refresh('products')$$, 'OF001', 'products', 'add column');
select offload.detach('products', 'front');
-- says: table public.products has no primary key, so its triggers and its view cannot be made for the other columns alone
insert into products values (2, test.data_uri(3), test.data_uri(4));
select offload.detach('products', 'back');
select test.equal((select count(*) from pg_trigger where tgrelid = 'products'::regclass), 0);
select test.equal((select count(*) from offload.arrival), 0);
insert into products values (2, test.data_uri(3), test.data_uri(4));
update products set front = null;
select test.equal((select count(*) from products), 3);
