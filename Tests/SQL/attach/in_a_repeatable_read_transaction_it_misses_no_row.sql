create table products (id int primary key, image text, image_at text);
insert into products values (1, test.data_uri(1));
-- session owner
begin isolation level repeatable read;
select 1;
-- session writer
insert into products values (2, test.data_uri(2));
-- session owner
select offload.attach('products', 'image', url_column => 'image_at');
commit;
select test.work();
select test.rows('select key from offload.item order by key', array['["1"]', '["2"]']);
