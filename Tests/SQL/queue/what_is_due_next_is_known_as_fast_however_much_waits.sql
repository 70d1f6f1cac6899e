-- A source that goes after its grace leaves a job that waits for days, one a row. What a listener asks under the bell's lock
-- must not grow with them; nor where a pause holds them back.
select test.shop();
create table posters (id int primary key, image text);
select offload.attach('posters', 'image', stores => '{media}', backfill => false);
select managed_table as posters from offload.effective_column where relation = 'posters'::regclass \gset
select managed_table as products from offload.effective_column where relation = 'products'::regclass \gset
create function pages_read() returns bigint language plpgsql as $$
declare
  v_before bigint := pg_stat_get_xact_blocks_fetched('offload.job_waiting'::regclass) + pg_stat_get_xact_blocks_fetched('offload.job'::regclass);
begin
  perform from offload.next_due();
  return pg_stat_get_xact_blocks_fetched('offload.job_waiting'::regclass) + pg_stat_get_xact_blocks_fetched('offload.job'::regclass) - v_before;
end;
$$;
select pages_read();
select test.holds(pages_read() <= 12, 'where nothing waits');
insert into offload.job (id, managed_table, key, attempts, ready_at)
select nextval('offload.arrival_id_seq'), :products, array[n::text], 1, clock_timestamp() + interval '1 day' + n * interval '1 second'
from generate_series(1, 200000) n;
select test.holds(pages_read() <= 12, 'beside 200,000 that wait');
select test.holds((select due between interval '23 hours' and interval '1 day 1 minute' from offload.next_due()));
select test.equal(offload.pause('products', 'image'), 1);
select test.holds(pages_read() <= 2500, 'nor where they are paused');
select test.holds((select due > interval '1 day' from offload.next_due()), 'beyond so many that are paused there may be more');
insert into offload.job (id, managed_table, key, attempts, ready_at)
values (nextval('offload.arrival_id_seq'), :posters, '{1}', 1, clock_timestamp() + interval '1 hour');
select test.holds((select due between interval '59 minutes' and interval '1 hour' from offload.next_due()), 'the other table goes on');
update offload.job set ready_at = clock_timestamp() where managed_table = :products;
select test.holds((select due > interval '900 milliseconds' from offload.next_due()), 'what is due and paused is looked at once a second');
