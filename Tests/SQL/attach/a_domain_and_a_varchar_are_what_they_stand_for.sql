create domain public.picture as varchar(2000);
create table products (id int primary key, image public.picture, photo varchar(100)[]);
select offload.attach('products', 'image');
select offload.attach('products', 'photo');
insert into products values (1, test.data_uri(1), array[test.base64(2, 30)]);
select test.equal(test.work(), 'unchanged 1');
select test.rows('select column_name, column_type from offload.managed_column order by 1', array['image|text', 'photo|text[]']);
