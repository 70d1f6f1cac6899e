create table products (id int primary key, image text, sheet bytea, image_at text);
insert into products values (1, test.data_uri(1));
-- session dump
begin isolation level repeatable read;
lock table products in access share mode;
-- session owner
select test.lasts($$select offload.attach('products', 'image', url_column => 'image_at')$$, '1 second', 'attach');
select test.raises($$select offload.attach('products', 'sheet')$$, 'OF012', 'products', 'pg_locks');
select test.lasts($$select offload.refresh('products')$$, '1 second', 'refresh');
select test.raises($$select offload.suspend('products')$$, 'OF012', 'products', 'pg_locks');
select test.raises($$select offload.detach('products', 'image')$$, 'OF012', 'products', 'pg_locks');
select count(*) as triggers from pg_trigger where tgrelid = 'products'::regclass \gset
insert into products values (2, test.data_uri(2));
select test.equal((select count(*) from offload.arrival where key = '{2}'), 1, 'nothing of it was left half done');
-- session dump
commit;
-- session owner
select offload.suspend('products');
select test.equal((select count(*) from pg_trigger where tgrelid = 'products'::regclass and tgname !~ 'truncate'), 0, 'only that of TRUNCATE is left');
select offload.refresh('products');
select test.equal((select count(*) from pg_trigger where tgrelid = 'products'::regclass), :triggers);
select offload.detach('products', 'image');
