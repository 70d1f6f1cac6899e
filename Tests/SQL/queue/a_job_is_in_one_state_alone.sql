-- The table has no checks of its own, for its producers would pay for them.
select test.shop();
create function test.sound() returns boolean language sql as $$
  select not exists (
    select from offload.job
    where (lease is null) <> (leased_until is null) or (lease is not null and died_at is not null)
      or (died_at is not null and attempts = 0) or attempts < 0 or (lease is null and ready_at is null))
    and not exists (select from only offload.arrival a join offload.job j using (id))
$$;
insert into products (image) select test.data_uri(n) from generate_series(1, 6) n;
select test.holds(test.sound(), 'queued');
select array_agg(job order by job) as jobs, (array_agg(lease))[1] as lease from offload.claim(5) \gset
select test.holds(test.sound() and (select count(*) = 5 from offload.job where lease is not null), 'claimed');
select test.equal(offload.release((:'jobs'::bigint[])[1:1], :'lease'), 1::bigint);
select test.holds(test.sound(), 'released');
update offload.managed_column set max_attempts = 1;
select test.equal(offload.fail((:'jobs'::bigint[])[2:2], :'lease', 'internal', 'it did not go'), 1::bigint, 'dead');
select test.holds(test.sound() and (select count(*) = 1 from offload.job where died_at is not null), 'failed');
select test.equal((select count(*) from offload.failures where is_dead), 1, 'and it is told');
update offload.job set leased_until = clock_timestamp() - interval '1 s' where id = (:'jobs'::bigint[])[3];
select test.equal(offload.reap(), 1::bigint);
select test.holds(test.sound(), 'reaped');
select test.equal(offload.retry(), 2::bigint);
select test.holds(test.sound(), 'retried');
select test.work();
select test.holds(test.sound(), 'worked');
