-- Choose rows to look at and lock their jobs: at most so many, the newest job of each. What else was queued for them goes.
--
-- The locks last until the transaction ends, and nobody waits for them: producers only append, and other workers skip what
-- is locked. A row that another worker holds is left alone until a minute after its lease ended; the fence stops whoever is
-- slower. Half of what is chosen is new, so that no number of retries keeps it waiting. All other jobs of a chosen row go,
-- waiting and dead ones too: one look sees what all of them were for.

create or replace function offload._pick(
  batch int, low_water_mark bigint,
  out jobs bigint[], out attempts int[], out created_at timestamptz[], out next_id bigint)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set jit = off
-- The table is empty when it is analyzed and large when it matters: only a way along the indexes is never slow.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_sort = off
as $$
#variable_conflict use_column
declare
  -- A volatile function is no condition of an index.
  v_now timestamptz := pg_catalog.clock_timestamp();
  v_paused int[] := array(
    select distinct c.managed_table from offload.managed_column c
    where c.paused_at is not null and c.detached_at is null);
  v_held int[];
  v_fresh int;
  v_due offload.job[] := '{}';
  v_new offload.arrival[];
begin
  -- Not in each: nobody could resume between those that hold the columns.
  if v_paused <> '{}' and _pick.low_water_mark = 0 then
    -- A resume waits for who puts aside, and then sees it; what is being resumed is not put aside.
    v_held := array(
      select c.managed_table from offload.managed_column c
      where c.paused_at is not null and c.detached_at is null
      for share of c skip locked);
    -- Put aside, so that those that wait are no weight on the claims of the others.
    update offload.job j set ready_at = 'infinity'
    where j.id in (
      select w.id
      from offload.job w
      where w.lease is null and w.died_at is null and w.managed_table = any (v_held) and w.ready_at <= v_now
      limit 1000
      for update skip locked);
    with waiting as materialized (
      select a.id
      from only offload.arrival a
      where a.managed_table = any (v_held)
      order by a.id
      limit 1000
      for update skip locked
    ), gone as (
      delete from only offload.arrival a where a.id in (select w.id from waiting w) returning a.*
    )
    insert into offload.job (id, managed_table, key, created_at, ready_at)
    select g.id, g.managed_table, g.key, g.created_at, 'infinity' from gone g;
  end if;
  if exists (
    select from offload.job j
    where j.lease is null and j.died_at is null and j.ready_at is not null and j.ready_at <= v_now)
  then
    -- Of one, the half is now none and now one.
    v_fresh := (
      select count(*)
      from (
        select from only offload.arrival a
        where a.id >= _pick.low_water_mark and a.managed_table <> all (v_paused)
        order by a.id
        limit (_pick.batch + (pg_catalog.random() < 0.5)::int) / 2
      ) f);
    v_due := array(
      select j
      from offload.job j
      where j.lease is null and j.died_at is null and j.ready_at is not null
        and j.ready_at <= v_now and j.managed_table <> all (v_paused)
        -- One look at an index for each. What is held is found by its key: among the leases, the dead tuples of the last
        -- minutes would be looked through each time. Hence no condition on the lease, two questions for null keys, and
        -- the offset, which keeps all that is held from being hashed.
        and not case when j.key is null
          then exists (
            select from offload.job h
            where h.managed_table = j.managed_table and h.key is null and coalesce(h.attempts > 0 or h.ready_at is not null, true)
              and coalesce(h.leased_until > v_now - interval '1 minute', false)
            offset 0)
          else exists (
            select from offload.job h
            where h.managed_table = j.managed_table and h.key = j.key and coalesce(h.attempts > 0 or h.ready_at is not null, true)
              and coalesce(h.leased_until > v_now - interval '1 minute', false)
            offset 0)
          end
      order by j.ready_at, j.id
      limit _pick.batch - v_fresh
      for update of j skip locked);
  end if;
  v_new := array(
    select a
    from only offload.arrival a
    where a.id >= _pick.low_water_mark and a.managed_table <> all (v_paused)
      and not case when a.key is null
        then exists (
          select from offload.job h
          where h.managed_table = a.managed_table and h.key is null and coalesce(h.attempts > 0 or h.ready_at is not null, true)
            and coalesce(h.leased_until > v_now - interval '1 minute', false)
          offset 0)
        else exists (
          select from offload.job h
          where h.managed_table = a.managed_table and h.key = a.key and coalesce(h.attempts > 0 or h.ready_at is not null, true)
            and coalesce(h.leased_until > v_now - interval '1 minute', false)
          offset 0)
        end
    order by a.id
    limit _pick.batch - pg_catalog.cardinality(v_due)
    for update of a skip locked);
  -- Before those of one row are merged. What was tried before has an id of long ago.
  next_id := (
    select case when pg_catalog.cardinality(v_due) + pg_catalog.cardinality(v_new) < _pick.batch then min(n.id) else max(n.id) + 1 end
    from pg_catalog.unnest(v_new) n);
  with row_ as materialized (
    select max(t.id) as id, t.managed_table, t.key, max(t.attempts) as attempts, min(t.created_at) as created_at,
      pg_catalog.array_agg(t.id) as ids
    from (
      select d.id, d.managed_table, d.key, d.attempts, d.created_at from pg_catalog.unnest(v_due) d
      union all
      select n.id, n.managed_table, n.key, 0, n.created_at from pg_catalog.unnest(v_new) n
    ) t
    group by t.managed_table, t.key
  ), touched as materialized (
    select t.id
    from row_ r
    cross join lateral (
      select j.id
      from offload.job j
      where j.managed_table = r.managed_table and j.key = r.key and coalesce(j.attempts > 0 or j.ready_at is not null, true)
        and j.lease is null and j.id <> r.id
      offset 0
    ) t
  ), outdated as materialized (
    select j.id
    from offload.job j
    where j.id in (select t.id from touched t) and j.lease is null
    for update of j skip locked
  ), merged as (
    delete from offload.arrival j
    where j.id in (
      select o.id from outdated o
      union all
      select i.id from row_ r, pg_catalog.unnest(r.ids) i (id)
      where pg_catalog.cardinality(r.ids) > 1 and i.id <> r.id)
  )
  select pg_catalog.array_agg(r.id), pg_catalog.array_agg(r.attempts), pg_catalog.array_agg(r.created_at)
  into jobs, attempts, created_at
  from row_ r;
end;
$$;

comment on function offload._pick(int, bigint) is
$$Choose rows to look at and lock their jobs until the transaction ends; null: nothing is ready now.

batch: at most so many jobs
low_water_mark: jobs with a smaller id are passed over, retries excepted
jobs: the newest job of each row
attempts: how often each was claimed before
created_at: since when each row waits
next_id: behind the last that was new, where the batch is full: nothing is left there but what somebody else held; else the first$$;
revoke execute on function offload._pick(int, bigint) from public;
