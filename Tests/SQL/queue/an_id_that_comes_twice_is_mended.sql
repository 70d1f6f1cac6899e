select test.shop();
select offload.grant_role('worker', 'spec_worker');
insert into products (id, image) select n, test.data_uri(n) from generate_series(1, 5) n;
select test.equal((select count(*) from offload._sequence where is_behind), 0);
select test.equal(offload.mend_ids(), 0, 'nothing is to be mended');
-- A restore without sequences: five jobs are held, others are new, and the ids begin anew.
select lease from offload.claim(5) limit 1 \gset
insert into products (id, image) select n, test.data_uri(n) from generate_series(6, 7) n;
select pg_catalog.setval(pg_get_serial_sequence(t, 'id'), 1, false)
from unnest(array['offload.arrival', 'offload.row_entry', 'offload.managed_table', 'offload.managed_column', 'offload.store']) t;
insert into products (id, image) select n, test.data_uri(n) from generate_series(8, 9) n;
select test.raises('select offload.claim()', '23505', 'job_pkey');
select test.raises('select offload.take()', '23505', 'job_pkey');
select test.rows('select sequence::text from offload._sequence where is_behind order by 1',
  array['offload.arrival_id_seq', 'offload.managed_column_id_seq', 'offload.managed_table_id_seq', 'offload.row_entry_id_seq', 'offload.store_id_seq']);
-- session worker
set session authorization spec_worker;
select test.equal(offload.mend_ids(), 7, 'five sequences, and two jobs');
select test.equal(offload.mend_ids(), 0);
-- session main
select test.equal(offload.release(null, :'lease'), 5);
select test.equal(test.work(), 'written 9');
insert into products (id, image) select n, test.data_uri(n) from generate_series(11, 2000) n;
select test.equal((select count(distinct id) from offload.arrival), 1990);
select test.equal((select total from offload.storage_stats), 1999);
create table posters (id int primary key, image text);
select offload.attach('posters', 'image', stores => '{media}');
select test.rows('select remedy from offload._sequence where sequence = ''offload.store_id_seq''::regclass', array['select setval(''offload.store_id_seq'', 1001);']);
