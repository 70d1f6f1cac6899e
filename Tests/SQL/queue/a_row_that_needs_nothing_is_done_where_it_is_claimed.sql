select test.shop();
insert into products (id, image) select n, test.data_uri(n) from generate_series(1, 3) n;
select test.work();
update products set image = test.data_uri(4) where id = 3;
insert into offload.arrival (managed_table, key) select 1, array[n::text] from generate_series(1, 2) n, generate_series(1, 2);
select min(id) as lowest, max(id) filter (where key = '{3}') as changed from offload.arrival \gset
select xmin::text as before from offload.arrival where id = :changed \gset
create temporary table taken as select * from offload.take(name => '00000000-0000-4000-8000-000000000001');
select test.rows('select ended from taken where ended is not null', array['2']);
select test.equal(job, :lowest, 'below it nothing was found') from taken where ended is not null;
select test.rows('select job, managed_table, key, attempts from taken where managed_table is not null',
  array[:'changed' || '|1|["3"]|1']);
select test.rows(
  'select job, managed_column, position, row_ctid = p.ctid, row_xmin = p.xmin, source_text = p.image from taken, products p where p.id = 3 and managed_column is not null',
  array[:'changed' || '|1|0|true|true|true'], 'its value comes with it');
select test.rows('select id, lease, leased_until > clock_timestamp() + interval ''50 seconds'' from offload.job',
  array[:'changed' || '|00000000-0000-4000-8000-000000000001|true'], 'all other jobs went');
-- Whoever lost the answer gives back by the name of the lease.
select test.equal(offload.release(null, '00000000-0000-4000-8000-000000000001'), 1);
select test.equal(test.work(), 'written 1');
select test.rows('select * from offload.take()', '{}', 'nothing is ready');
