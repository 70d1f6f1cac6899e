create table products (id int primary key, image text);
select offload.attach('products', 'image');
insert into products values (1, test.data_uri(1));
-- session worker
set session authorization spec_worker;
select test.raises('select offload.claim()', '42501');
-- session main
select offload.grant_role('worker', 'spec_worker');
-- session worker
select test.equal(test.work(), 'unchanged 1');
