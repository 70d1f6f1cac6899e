-- Say that a worker is alive.

create or replace function offload.heartbeat(
  worker uuid, host text, process_id int, version text,
  in_flight int default 0, completed bigint default 0, failed bigint default 0)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into offload.worker as w (id, host, process_id, version, in_flight, completed, failed)
  values (worker, host, process_id, version, in_flight, completed, failed)
  on conflict (id) do update set
    seen_at = pg_catalog.clock_timestamp(), in_flight = excluded.in_flight, completed = excluded.completed,
    failed = excluded.failed,
    completed_per_second = (excluded.completed - w.completed)
      / greatest(extract(epoch from pg_catalog.clock_timestamp() - w.seen_at), 0.001),
    failed_per_second = (excluded.failed - w.failed)
      / greatest(extract(epoch from pg_catalog.clock_timestamp() - w.seen_at), 0.001);
  delete from offload.worker w where w.seen_at < pg_catalog.clock_timestamp() - interval '1 day';
$$;

comment on function offload.heartbeat(uuid, text, int, text, int, bigint, bigint) is
$$Say that a worker is alive; those not seen for a day are forgotten.

worker: its id, chosen at its start
host: where it runs
process_id: its process there
version: of the program
in_flight: how many rows it holds
completed: how many it has finished
failed: how many failed in its hands$$;
revoke execute on function offload.heartbeat(uuid, text, int, text, int, bigint, bigint) from public;
