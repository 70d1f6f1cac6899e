select test.shop();
insert into offload.job (id, managed_table, key, attempts, ready_at)
select nextval('offload.arrival_id_seq'), t.id, array[n::text], 1, clock_timestamp() - interval '1 hour' from offload.managed_table t, generate_series(1, 20) n;
insert into offload.arrival (managed_table, key) select t.id, array[n::text] from offload.managed_table t, generate_series(101, 103) n;
select test.rows('select key from offload.claim(4)', array['["1"]', '["2"]', '["101"]', '["102"]'], 'half of it is for the new');
select test.rows('select key from offload.claim(4)', array['["3"]', '["4"]', '["5"]', '["103"]'], 'what they leave is for the retries');
select test.rows('select key from offload.claim(4)', array['["6"]', '["7"]', '["8"]', '["9"]']);
insert into offload.arrival (managed_table, key) select t.id, array[n::text] from offload.managed_table t, generate_series(104, 110) n;
update offload.job set ready_at = clock_timestamp() + interval '1 hour' where lease is null and attempts > 0 and key <= '{12}';
select test.equal((select count(*) from offload.claim(100)), 15, 'all there is');
select test.equal((select count(*) from offload.job where lease is null), 3, 'but what is not due');
