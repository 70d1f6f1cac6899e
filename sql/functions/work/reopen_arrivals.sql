-- Look below offload.closed_to, where nothing can be: unless ids were set by hand, or a database was restored whose sequences
-- were dumped later than its rows.

create or replace function offload.reopen_arrivals()
returns boolean
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
  v_lowest bigint := (select a.id from only offload.arrival a where a.id < v_closed order by a.id limit 1);
begin
  if v_lowest is not null then
    perform pg_catalog.setval('offload.closed_to', greatest(v_lowest, 0));
  end if;
  return v_lowest is not null;
end;
$$;

comment on function offload.reopen_arrivals() is
'Look below offload.closed_to, where nothing should be; true: something was, and looks from the start begin there now. It may take long beside an old transaction.';
revoke execute on function offload.reopen_arrivals() from public;
