select test.shop();
select test.work();
alter table products disable trigger user;
insert into products (image) values (test.data_uri(1));
alter table products enable trigger user;
select offload.sweep('products');
select test.equal(test.work(), 'written 1');
