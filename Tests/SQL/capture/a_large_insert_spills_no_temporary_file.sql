select test.shop();
set work_mem = '64kB';
select pg_stat_force_next_flush();
select temp_bytes as before from pg_stat_database where datname = current_database() \gset
insert into products (image) select repeat('QUJD', 50000) || n from generate_series(1, 50) n;
select pg_stat_force_next_flush();
select test.equal(temp_bytes - :before, 0) from pg_stat_database where datname = current_database();
select test.equal((select count(*) from offload.arrival), 50);
