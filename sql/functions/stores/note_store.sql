-- Write down what a worker did in a store since it began.
--
-- The numbers are totals, so that an answer that was lost counts nothing twice. What a worker did that is forgotten by
-- now is kept under the nil UUID.

create or replace function offload.note_store(
  worker uuid, store text, puts bigint, retries bigint, failures bigint,
  last_error text default null, open_for interval default null)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into offload.store_work as w (worker, store, puts, retries, failures, last_error, last_error_at, open_until)
  select note_store.worker, s.id, note_store.puts, note_store.retries, note_store.failures, note_store.last_error,
    case when note_store.last_error is not null then pg_catalog.clock_timestamp() end,
    pg_catalog.clock_timestamp() + note_store.open_for
  from offload.store s
  where s.name = note_store.store
  on conflict on constraint store_work_pkey do update set
    puts = excluded.puts, retries = excluded.retries, failures = excluded.failures,
    last_error = coalesce(excluded.last_error, w.last_error),
    last_error_at = case when excluded.failures > w.failures or w.last_error is null then excluded.last_error_at
      else w.last_error_at end,
    open_until = excluded.open_until, noted_at = pg_catalog.clock_timestamp();

  with forgotten as (
    select w.worker, w.store
    from offload.store_work w
    where w.noted_at < pg_catalog.clock_timestamp() - interval '1 day'
      and w.worker <> '00000000-0000-0000-0000-000000000000'
    for update skip locked
  ), removed as (
    delete from offload.store_work w
    using forgotten f
    where w.worker = f.worker and w.store = f.store
    returning w.*
  )
  insert into offload.store_work as k (worker, store, puts, retries, failures, last_error, last_error_at)
  select '00000000-0000-0000-0000-000000000000', r.store, pg_catalog.sum(r.puts), pg_catalog.sum(r.retries),
    pg_catalog.sum(r.failures), (pg_catalog.array_agg(r.last_error order by r.last_error_at desc nulls last))[1],
    max(r.last_error_at)
  from removed r
  group by r.store
  order by r.store
  on conflict on constraint store_work_pkey do update set
    puts = k.puts + excluded.puts, retries = k.retries + excluded.retries, failures = k.failures + excluded.failures,
    last_error = coalesce(excluded.last_error, k.last_error),
    last_error_at = greatest(excluded.last_error_at, k.last_error_at);
$$;

comment on function offload.note_store(uuid, text, bigint, bigint, bigint, text, interval) is
$$Write down what a worker did in a store since it began.

worker: its id
store: the store's name
puts: objects that it stored
retries: requests that it had to send again
failures: attempts to store an object that failed
last_error: what failed last, for a person to read; never a secret
open_for: how long it leaves the store alone, because it failed again and again; null: it does not$$;
revoke execute on function offload.note_store(uuid, text, bigint, bigint, bigint, text, interval) from public;
