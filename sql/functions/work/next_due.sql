-- What a listener must know before it waits: when the next retry is due, and whether there is work of another kind.
--
-- It is asked while producers ring, so it must take as long with ten million jobs that wait as with ten: the first in the
-- index's order is looked for, and of those that a pause holds back no more than a thousand are passed over.

create or replace function offload.next_due()
returns table (due interval, has_chores boolean, is_bell_off boolean)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- There is no other way at any size, whatever the planner thinks of the tables.
set plan_cache_mode = force_custom_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
  v_now timestamptz := pg_catalog.clock_timestamp();
  v_paused int[] := array(
    select distinct c.managed_table from offload.managed_column c
    where c.paused_at is not null and c.detached_at is null);
  v_due timestamptz := (
    select j.ready_at
    from offload.job j
    where j.lease is null and j.died_at is null and j.ready_at is not null and j.ready_at < 'infinity'
    order by j.ready_at
    limit 1);
begin
  if v_paused <> '{}' and v_due is not null then
    v_due := (
      -- Beyond a thousand there may be one that is not held back: whoever waits looks again when the last of them is due.
      select coalesce(
        min(f.ready_at) filter (where f.managed_table <> all (v_paused)),
        case when count(*) = 1000 then greatest(max(f.ready_at), v_now + interval '1 second') end)
      from (
        select j.ready_at, j.managed_table
        from offload.job j
        where j.lease is null and j.died_at is null and j.ready_at is not null and j.ready_at < 'infinity'
        order by j.ready_at
        limit 1000
      ) f);
  end if;
  return query
    with chore as (
      select coalesce(b.ready_at, '-infinity') as ready_at
      from offload.backfill b where b.state in ('pending', 'sweeping') and not b.is_counting
      union all
      select r.ready_at from offload.rewrite r where r.state = 'pending'
      union all
      select '-infinity' from offload.drain d where d.state <> 'complete'
    )
    select
      least(v_due, (select min(c.ready_at) from chore c where c.ready_at > v_now)) - pg_catalog.clock_timestamp(),
      exists (select from chore c where c.ready_at <= v_now),
      exists (select from offload.setting s where s.name = 'doorbell' and s.value <> 'on');
end;
$$;

comment on function offload.next_due() is
$$What a listener must know before it waits: how long until the next retry or the next rows of a sweep, whether rows
wait to be queued or stores to be moved, and whether the doorbell is off. Jobs of a paused column are never due; where a
thousand of them would be the next, it is asked again when the last of these is.$$;
revoke execute on function offload.next_due() from public;
