select test.shop();
alter table products alter column image set storage external;
insert into products (image) select test.data_uri(n, 300000) from generate_series(1, 20) n;
select test.work();
-- What this session reads is counted as it goes, in no snapshot; on 15 and later it can be flushed by hand.
select pg_stat_force_next_flush();
select coalesce(toast_blks_hit, 0) + coalesce(toast_blks_read, 0) as before from pg_statio_user_tables where relname = 'products' \gset
update products set name = 'chair';
select pg_stat_force_next_flush();
select test.equal((coalesce(toast_blks_hit, 0) + coalesce(toast_blks_read, 0)) - :before, 0, 'TOAST blocks that an unrelated update read')
from pg_statio_user_tables where relname = 'products';
select count(md5(image)) from products;
select pg_stat_force_next_flush();
select test.holds((coalesce(toast_blks_hit, 0) + coalesce(toast_blks_read, 0)) - :before > 100, 'reading the images is seen so')
from pg_statio_user_tables where relname = 'products';
