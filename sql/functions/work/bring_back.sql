-- Let jobs go on that were put aside for a table of which no column is paused any more, however that came about.

create or replace function offload._bring_back(batch int)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- As in _pick.
set plan_cache_mode = force_custom_plan
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
  v_now timestamptz := pg_catalog.clock_timestamp();
  v_back bigint;
begin
  with stranded as materialized (
    select s.id
    -- One probe a table: what is put aside for the others is not looked through.
    from offload.managed_table t
    cross join lateral (
      select j.id
      from offload.job j
      where j.managed_table = t.id and j.ready_at = 'infinity' and j.lease is null and j.died_at is null
      limit _bring_back.batch
      for update skip locked
    ) s
    where not exists (
      select from offload.managed_column c
      where c.managed_table = t.id and c.detached_at is null and c.paused_at is not null)
    limit _bring_back.batch
  ), freed as (
    update offload.job j set ready_at = v_now from stranded s where j.id = s.id returning j.id
  )
  select count(*) into v_back from freed;
  return v_back;
end;
$$;

comment on function offload._bring_back(int) is
$$Let jobs go on that were put aside for a table of which no column is paused any more; returns how many.

batch: at most so many$$;
revoke execute on function offload._bring_back(int) from public;
