create table products (id int primary key, image text, image_at text);
insert into products values (1, test.data_uri(1));
-- session writer
begin;
insert into products values (2, test.data_uri(2));
-- session owner, which waits
select offload.attach('products', 'image', url_column => 'image_at');
-- session writer
commit;
-- session owner
insert into products values (3, test.data_uri(3));
select test.work();
select test.rows('select key from offload.item order by key', array['["1"]', '["2"]', '["3"]']);
select test.equal(total, 3) from offload.storage_stats;
