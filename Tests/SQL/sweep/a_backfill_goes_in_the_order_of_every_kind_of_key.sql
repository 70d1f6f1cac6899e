create table products (at timestamptz, n numeric, primary key (at, n), image text);
set timezone = 'America/St_Johns';
insert into products select timestamptz '2026-03-01 00:00Z' + n / 10 * interval '7 hours', n % 10 - 5.5, test.data_uri(n) from generate_series(0, 99) n;
select offload.attach('products', 'image');
-- session worker
set datestyle = 'German';
select test.equal((select sum(offload.backfill(1, 3)) from generate_series(1, 40)), 100);
select test.equal((select count(distinct key) from offload.arrival), 100);
select test.rows('select state, is_counting from offload.backfill', array['pending|true'], 'the count is another statement');
select test.holds(offload.count_rows(1));
select test.equal((select state from offload.backfill), 'complete');
select test.equal(test.work(), 'unchanged 100');
