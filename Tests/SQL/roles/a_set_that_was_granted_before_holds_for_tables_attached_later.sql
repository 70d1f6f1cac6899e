select offload.grant_role('worker', 'spec_worker');
create table products (id int primary key, image text, photo text);
select offload.attach('products', 'image');
insert into products values (1, test.data_uri(1));
-- session worker
set session authorization spec_worker;
select test.equal(test.work(), 'unchanged 1');
-- session main
select offload.attach('products', 'photo');
update products set photo = test.data_uri(2);
-- session worker
select test.equal(test.work(), 'unchanged 1', 'the functions that were made anew, too');
