select test.shop();
insert into products (id, image) select n, test.data_uri(n) from generate_series(1, 25) n;
select test.work();
set session authorization postgres;
set session_replication_role = replica;
insert into public.products (id, image) values (26, test.data_uri(26));
update public.products set image = test.data_uri(40) where id = 12;
delete from public.products where id = 3;
reset session_replication_role;
set session authorization spec_owner;
select test.equal(offload.begin_sweeps(), 0, 'it was looked at just now');
update offload.backfill set finished_at = clock_timestamp() - interval '25 hours';
select test.equal(offload.begin_sweeps(), 1);
select test.equal(offload.begin_sweeps(), 0, 'once');
select test.rows('select relation::text, state, looked_at, total, percent from offload.backfill_progress',
  array['products|sweeping|0|25|0']);
select test.equal(offload.backfill(1, 10), 0);
select test.equal(offload.backfill(1, 10), 0, 'the next batch is not due yet');
select test.rows('select state, looked_at, percent, next_at > clock_timestamp() from offload.backfill_progress',
  array['sweeping|10|40|true']);
select test.equal((select count(*) from offload.arrival), 0);
create function hurry() returns bigint language sql as $$
  update offload.backfill set ready_at = null;
  select offload.backfill(1, 10);
$$;
select test.equal(hurry(), 1, 'the row that changed');
select test.equal(hurry(), 1, 'the row that came');
select test.rows('select p.state, is_pruning, percent from offload.backfill_progress p, offload.backfill', array['sweeping|true|99']);
select test.rows('select total from offload.storage_stats', array['25'], 'it is counted anew');
select hurry(), hurry(), hurry();
select test.rows('select state, percent, queued, next_at, finished_at is not null from offload.backfill_progress', array['complete|100|2||true']);
select test.rows('select key from offload.arrival order by id', array['["12"]', '["26"]', '["3"]']);
select test.equal(test.work(), 'gone 1, written 2');
insert into offload.setting (name, value) values ('sweep_every', '1 hour');
update offload.backfill set finished_at = clock_timestamp() - interval '2 hours';
select test.equal(offload.begin_sweeps(), 1, 'more often on request');
update offload.setting set value = '0' where name = 'sweep_every';
update offload.backfill set state = 'complete', finished_at = clock_timestamp() - interval '2 years';
select test.equal(offload.begin_sweeps(), 0, 'and never on request');
