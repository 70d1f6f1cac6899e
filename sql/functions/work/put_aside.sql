-- Put the jobs of paused tables aside, so that those that wait are no weight on the claims of the others.

create or replace function offload._put_aside(batch int)
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
  v_from bigint := (select c.last_value from offload.closed_to c);
  v_paused int[] := array(
    select distinct c.managed_table from offload.managed_column c
    where c.paused_at is not null and c.detached_at is null);
  v_due bigint[];
  v_new bigint[];
begin
  if v_paused = '{}' then
    return 0;
  end if;
  -- What lies further behind the jobs of others is in nobody's way yet.
  v_due := array(
    select f.id
    from (
      select w.id, w.managed_table
      from offload.job w
      where w.lease is null and w.died_at is null and w.ready_at is not null and w.ready_at <= v_now
      order by w.ready_at
      limit 10 * _put_aside.batch
    ) f
    where f.managed_table = any (v_paused)
    limit _put_aside.batch);
  v_new := array(
    select f.id
    from (
      select a.id, a.managed_table from only offload.arrival a where a.id >= v_from order by a.id limit 10 * _put_aside.batch
    ) f
    where f.managed_table = any (v_paused)
    limit _put_aside.batch);
  -- A lock on a column is a write: not where there is nothing to do.
  if v_due = '{}' and v_new = '{}' then
    return 0;
  end if;
  -- A resume waits for who puts aside, and then sees it; what is being resumed is not put aside.
  v_paused := array(
    select c.managed_table from offload.managed_column c
    where c.paused_at is not null and c.detached_at is null
    for share of c skip locked);
  v_due := array(
    select j.id from offload.job j
    where j.id = any (v_due) and j.lease is null and j.died_at is null and j.managed_table = any (v_paused)
    for update skip locked);
  update offload.job j set ready_at = 'infinity' where j.id = any (v_due);
  v_new := array(
    select a.id from only offload.arrival a
    where a.id = any (v_new) and a.managed_table = any (v_paused)
    for update skip locked);
  with gone as (
    delete from only offload.arrival a where a.id = any (v_new) returning a.*
  )
  insert into offload.job (id, managed_table, key, created_at, ready_at)
  select g.id, g.managed_table, g.key, g.created_at, 'infinity' from gone g;
  return pg_catalog.cardinality(v_due) + pg_catalog.cardinality(v_new);
end;
$$;

comment on function offload._put_aside(int) is
$$Put the jobs of paused tables aside; returns how many.

batch: at most so many of what arrived, and as many of what was tried before$$;
revoke execute on function offload._put_aside(int) from public;
