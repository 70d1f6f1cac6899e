create table products (id int primary key, image text, photo bytea);
alter table products alter column image set storage external;
select offload.attach('products', 'image');
select offload.attach('products', 'photo');
insert into products select n, repeat('iVBO', 500000), test.png(n, 20000) from generate_series(1, 5) n;
select pg_stat_force_next_flush();
select coalesce(toast_blks_hit, 0) + coalesce(toast_blks_read, 0) as before from pg_statio_user_tables where relname = 'products' \gset
select test.equal((select count(*) from products_media where image_source = 'base64' and photo_source = 'base64'), 5);
select pg_stat_force_next_flush();
select test.holds((coalesce(toast_blks_hit, 0) + coalesce(toast_blks_read, 0)) - :before < 40, 'TOAST blocks that five images of 2 MB cost: '
  || (coalesce(toast_blks_hit, 0) + coalesce(toast_blks_read, 0)) - :before)
from pg_statio_user_tables where relname = 'products';
