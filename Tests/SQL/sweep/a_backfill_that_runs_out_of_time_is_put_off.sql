create table posters (id int primary key, image text);
insert into posters values (1, test.data_uri(1));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('posters', 'image', stores => '{media}');
-- session other
begin;
lock table posters;
-- session main
-- The time ends before the function's own limit for a lock does.
set statement_timeout = '700ms';
select test.equal(offload.backfill(id), 0) from offload.managed_table;
reset statement_timeout;
select test.rows($$select state, detail, ready_at > clock_timestamp() from offload.backfill$$,
  array['pending|canceling statement due to statement timeout|true']);
-- session other
rollback;
-- session main
update offload.backfill set ready_at = null;
select test.equal(test.work(), 'written 1');
