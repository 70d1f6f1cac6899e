create table products (id int primary key, image text, image_at text);
-- session owner
begin;
select offload.attach('products', 'image', url_column => 'image_at');
-- session reader
select test.equal((select count(*) from products), 0);
-- session owner
select test.rows($$select mode from pg_locks where relation = 'products'::regclass and mode like '%Exclusive%' order by 1$$, array['ShareRowExclusiveLock']);
commit;
