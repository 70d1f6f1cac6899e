create table shops (id int primary key);
create table products (
  id int primary key, shop int references shops deferrable initially deferred, image text,
  constraint product_image_once unique (image) deferrable initially deferred);
select offload.attach('products', 'image');
-- session application, which fails 23503
begin;
insert into products values (1, 9, test.data_uri(1));
commit;
-- session main
select test.equal((select count(*) from offload.arrival), 0);
select test.equal((select count(*) from offload._leaf_count e where e.rows <> 0), 0);
begin;
insert into products values (1, 9, test.data_uri(1)), (2, 9, test.data_uri(1));
update products set image = test.data_uri(2) where id = 2;
insert into shops values (9);
commit;
select test.equal((select count(distinct key) from offload.arrival), 2, 'what is set right before the commit is queued');
