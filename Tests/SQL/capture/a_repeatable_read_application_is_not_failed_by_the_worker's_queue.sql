select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
-- session application
begin isolation level repeatable read;
select count(*) from products;
-- session worker
select test.equal(test.work(), 'written 1');
-- session main
update products set name = 'other' where id = 1;
-- session application
insert into products (id, image) values (2, test.data_uri(2));
delete from products where id = 2;
insert into products (id, image) values (3, test.data_uri(3));
commit;
-- session worker
select test.equal(test.work(), 'gone 1, written 1');
