select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
alter table products rename to goods;
insert into goods (id, image) values (2, test.data_uri(2));
create schema elsewhere;
alter table goods set schema elsewhere;
insert into elsewhere.goods (id, image) values (3, test.data_uri(3));
select test.equal((select count(*) from offload.arrival), 3);
select test.rows('select relation::text, total from offload.storage_stats', array['elsewhere.goods|3']);
