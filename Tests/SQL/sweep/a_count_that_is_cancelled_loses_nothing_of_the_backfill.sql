create table products (id int primary key, image text);
insert into products select n, test.data_uri(n) from generate_series(1, 20) n;
select offload.attach('products', 'image');
select test.equal((select sum(offload.backfill(1, 7)) from generate_series(1, 4)), 20);
select test.equal(offload.backfill(1, 7), 0, 'the rows are looked at once');
-- A count that takes longer than anybody waits.
create function public.slowly() returns trigger language plpgsql as 'begin perform pg_sleep(60); return null; end';
create trigger slowly before insert on offload.count_entry for each row execute function public.slowly();
-- session worker, meanwhile
select offload.count_rows(1);
-- session main
set session authorization postgres;
do $$ begin while not exists (select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep') loop perform pg_sleep(0.01); perform pg_stat_clear_snapshot(); end loop; end $$;
set session authorization spec_owner;
select test.holds(not offload.count_rows(1), 'one counts at a time');
-- Nobody who changes the table's management waits for it.
set lock_timeout = '1s';
select test.equal(offload.begin_sweeps(), 0);
update offload.backfill set detail = 'touched';
reset lock_timeout;
set session authorization postgres;
select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep';
-- session worker
select test.rows('select state, is_counting, queued, detail, ready_at > clock_timestamp() from offload.backfill',
  array['pending|true|20|canceling statement due to user request|true']);
drop trigger slowly on offload.count_entry;
update offload.backfill set ready_at = null;
select test.holds(offload.count_rows(1));
select test.rows('select total, backfill from offload.storage_stats', array['20|complete']);
-- session main
set session authorization spec_owner;
-- What is begun anew while a table is counted is not ended by the count.
select offload.sweep('products');
select offload.backfill(1, 100);
begin;
select offload.count_rows(1) as counted \gset
rollback;
select test.rows('select state, is_counting from offload.backfill', array['pending|true']);
-- session other
begin;
select offload.sweep('products');
-- session main
set session authorization spec_owner;
select test.holds(not offload.count_rows(1), 'somebody is at it');
-- session other
commit;
-- session main
select test.rows('select state, is_counting, looked_at from offload.backfill', array['pending|false|0']);
select test.rows('select total from offload.storage_stats', array['20']);
