-- Take rows to look at, for a time: at most so many, each with all that was queued for it.
--
-- Many workers claim at once and never wait for each other. A row that another worker holds is left alone until a minute
-- after its lease ended; the fence stops whoever is slower. Half of a claim is for what is new, so that no number of
-- retries keeps it waiting; it moves from offload.arrival to offload.job. All other jobs of a claimed row go, waiting and
-- dead ones too: one look sees what all of them were for. The low-water mark keeps the scan off the dead tuples of what was
-- done; who uses one must now and then claim without it, for jobs that were committed late. Who names the lease himself can
-- give back what he does not know of: a session may be lost between the claim and its answer.

create or replace function offload.claim(
  batch int default 100,
  lease_for interval default '1 minute',
  low_water_mark bigint default 0,
  name uuid default null
)
returns table (job bigint, lease uuid, managed_table int, key text[], attempts int)
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
  v_lease uuid := coalesce(claim.name, pg_catalog.gen_random_uuid());
  -- A volatile function is no condition of an index.
  v_now timestamptz := pg_catalog.clock_timestamp();
  v_paused int[] := array(
    select distinct c.managed_table from offload.managed_column c
    where c.paused_at is not null and c.detached_at is null);
  v_held int[];
  v_fresh int := 0;
begin
  if v_paused <> '{}' then
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
    with arrived as materialized (
      select a.ctid as place
      from only offload.arrival a
      where a.managed_table = any (v_held) and a.id >= claim.low_water_mark
      order by a.id
      limit 1000
      for update skip locked
    ), gone as (
      delete from only offload.arrival a where a.ctid = any (array(select r.place from arrived r)) returning a.*
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
        where a.id >= claim.low_water_mark and a.managed_table <> all (v_paused)
        order by a.id
        limit (claim.batch + (pg_catalog.random() < 0.5)::int) / 2
      ) f);
  end if;
  return query
    with due as materialized (
      select j.id, j.managed_table, j.key, j.attempts, j.created_at
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
      limit claim.batch - v_fresh
      for update of j skip locked
    ), fresh as materialized (
      select a.id, a.managed_table, a.key, 0 as attempts, a.created_at, a.ctid as place
      from only offload.arrival a
      where a.id >= claim.low_water_mark and a.managed_table <> all (v_paused)
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
      limit greatest(0, claim.batch - (select count(*) from due))
      for update of a skip locked
    ), taken as (
      select d.*, false as is_fresh from due d
      union all
      select f.id, f.managed_table, f.key, f.attempts, f.created_at, true from fresh f
    ), row_ as (
      select max(t.id) as id, t.managed_table, t.key, max(t.attempts) as attempts, min(t.created_at) as created_at,
        pg_catalog.array_agg(t.id) as ids, coalesce(max(t.id) filter (where t.is_fresh), 0) as fresh_id
      from taken t
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
      delete from offload.job j
      where j.id in (
        select o.id from outdated o
        union all
        select i.id from row_ r, pg_catalog.unnest(r.ids) i (id) where i.id <> r.id)
    ), gone as (
      delete from only offload.arrival a where a.ctid = any (array(select f.place from fresh f))
    ), arrived as (
      insert into offload.job (id, managed_table, key, attempts, created_at, lease, leased_until)
      select r.id, r.managed_table, r.key, r.attempts + 1, r.created_at, v_lease, pg_catalog.clock_timestamp() + claim.lease_for
      from row_ r
      where r.id = r.fresh_id
      returning id, managed_table, key, attempts
    ), claimed as (
      update offload.job j set
        lease = v_lease,
        leased_until = pg_catalog.clock_timestamp() + claim.lease_for,
        attempts = r.attempts + 1,
        created_at = r.created_at
      from row_ r
      where j.id = r.id and r.id <> r.fresh_id
      returning j.id, j.managed_table, j.key, j.attempts
    )
    select c.id, v_lease, c.managed_table, c.key, c.attempts
    from (select * from claimed union all select * from arrived) c
    order by c.id;
end;
$$;

comment on function offload.claim(int, interval, bigint, uuid) is
$$Take rows to look at, for a time. Empty: nothing is ready now.

batch: at most so many jobs
lease_for: how long they are held unless renewed
low_water_mark: jobs with a smaller id are passed over, retries excepted
name: what the lease is called; null: a new one$$;
revoke execute on function offload.claim(int, interval, bigint, uuid) from public;
