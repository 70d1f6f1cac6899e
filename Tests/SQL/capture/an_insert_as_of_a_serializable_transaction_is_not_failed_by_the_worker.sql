select test.shop();
insert into products (id, image) values (1, test.data_uri(1)), (2, test.data_uri(2));
-- session application
begin isolation level serializable;
select count(*) from products;
update products set name = 'mine' where id = 2;
-- session worker
select test.equal(test.work(), 'locked 1, written 1', 'the row that the application holds is left alone');
-- session application
insert into products (id, image) values (3, test.data_uri(3));
update products set image = test.data_uri(20) where id = 2;
commit;
-- session worker
update offload.job set ready_at = clock_timestamp() where ready_at is not null;
select test.equal(test.work(), 'written 2');
select test.equal((select count(*) from products where image_s3_url is null), 0);
