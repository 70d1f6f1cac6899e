-- Find out below which id nothing is in offload.arrival, nor will be, so that a look from the start begins there: before it
-- lie the dead tuples of all that was done since the oldest transaction of the server began.
--
-- What was not committed yet has an id, and cannot be seen. But who appends holds a lock on the table since before it had
-- its first id, until its commit is visible. So an id that was next while certain transactions held that lock is settled once
-- all of these are gone: what can be seen below it then is all there will be. Another transaction that is open, be it for
-- hours, is in nobody's way.

create or replace function offload.close_arrivals(next_id bigint default null, appending text[] default null)
returns table (next bigint, open text[])
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
  v_closed bigint := (select c.last_value from offload.closed_to c);
  -- First the id, then who may have one below it.
  v_next bigint := (select s.last_value + s.is_called::int from offload.arrival_id_seq s);
  v_open text[] := array(
    select distinct l.virtualtransaction
    from pg_catalog.pg_locks l
    where l.locktype = 'relation' and l.relation = 'offload.arrival'::regclass
      and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
      and l.mode = 'RowExclusiveLock' and l.pid is distinct from pg_catalog.pg_backend_pid());
  -- Another run of the server, or another server, has other transactions of the same names, and may know fewer ids.
  v_server text := pg_catalog.pg_postmaster_start_time()::text;
  v_settled bigint;
  v_lowest bigint;
begin
  if v_next < v_closed then
    perform pg_catalog.setval('offload.closed_to', 0);
    v_closed := 0;
  end if;
  v_settled := case
    -- One that was prepared meanwhile has another name now.
    when exists (select from pg_catalog.unnest(v_open) o where o like '-1/%') then null
    when v_open = '{}' then v_next
    when close_arrivals.appending[1] = v_server and not close_arrivals.appending && v_open then close_arrivals.next_id
  end;
  -- The next statement sees what all of them committed, but not where one snapshot serves the whole transaction.
  if v_settled > v_closed and pg_catalog.current_setting('transaction_isolation') = 'read committed' then
    v_lowest := (select a.id from only offload.arrival a where a.id >= v_closed order by a.id limit 1);
    v_settled := least(v_settled, v_lowest);
    if v_settled > v_closed then
      perform pg_catalog.setval('offload.closed_to', v_settled);
    end if;
  end if;
  return query select v_next, array[v_server] || v_open;
end;
$$;

comment on function offload.close_arrivals(bigint, text[]) is
$$Find out below which id nothing is in offload.arrival, nor will be; offload.closed_to has it then. Where somebody appends
all the time it takes two calls: each is given what the last one returned.

next_id: the next of the last call
appending: the open of the last call
next: which id will be given next
open: the server, and who may have appended something that is not committed yet$$;
revoke execute on function offload.close_arrivals(bigint, text[]) from public;
