-- What is paused is put aside and comes back in parts; while it is aside, nobody looks through it.
select test.shop();
create table posters (id int primary key, image text);
select offload.attach('posters', 'image', stores => '{media}', backfill => false);
select managed_table as products from offload.effective_column where relation = 'products'::regclass \gset
insert into offload.arrival (managed_table, key) select :products, array[n::text] from generate_series(1, 25000) n;
insert into offload.job (id, managed_table, key, attempts, ready_at)
select nextval('offload.arrival_id_seq'), :products, array[n::text], 1, clock_timestamp() from generate_series(25001, 50000) n;
select test.equal(offload.pause('products', 'image'), 1);
select test.equal(offload.tend_paused(), 20000);
select test.equal(offload.tend_paused(), 20000);
select test.equal(offload.tend_paused(), 10000);
select test.equal(offload.tend_paused(), 0);
select test.equal((select count(*) from offload.job where ready_at = 'infinity'), 50000);
insert into posters values (1, test.data_uri(1));
select test.equal((select string_agg(key[1], ' ') from offload.take() where managed_table is not null), '1', 'the other table goes on');
create function pages_read() returns bigint language plpgsql as $$
declare
  v_before bigint := (select sum(pg_stat_get_xact_blocks_fetched(c.oid)) from pg_class c where c.oid in (
    'offload.job'::regclass, 'offload.job_aside'::regclass, 'offload.job_waiting'::regclass, 'offload.arrival'::regclass,
    'offload.arrival_pkey'::regclass));
begin
  perform offload.tend_paused();
  return (select sum(pg_stat_get_xact_blocks_fetched(c.oid)) from pg_class c where c.oid in (
    'offload.job'::regclass, 'offload.job_aside'::regclass, 'offload.job_waiting'::regclass, 'offload.arrival'::regclass,
    'offload.arrival_pkey'::regclass)) - v_before;
end;
$$;
vacuum offload.arrival, offload.job;
select pages_read();
select test.holds(pages_read() <= 20, 'of what is aside nothing is read');
select test.equal(offload.resume(), 1);
select test.equal((select count(*) from offload.job where ready_at = 'infinity'), 40000, 'the first go on at once');
select test.equal(offload.tend_paused(15000), 15000);
select test.equal(offload.tend_paused(), 10000);
select test.equal(offload.pause('products', 'image'), 1);
select test.equal((select count(*) from offload.take() where managed_table is not null), 0);
select test.equal(offload.resume(), 1);
select test.equal(offload.tend_paused(100000), (select 15000 + 1000 - 10000)::bigint, 'a look from the start had put some aside');
select test.equal((select count(*) from offload.job where ready_at = 'infinity'), 0);
