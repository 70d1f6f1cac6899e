-- Claim and look in one: rows that need nothing are never held, and the values of the others come with their claim.
--
-- Read are only rows that nobody has tried before, before their attempt is counted. So a value that ends the session, or
-- cannot be read, ends no job and counts no attempt: whoever is not answered, or is answered with an error, must claim and
-- look for a while instead. Who reads holds locks on jobs alone, for which nobody waits.

create or replace function offload.take(
  batch int default 100,
  lease_for interval default '1 minute',
  low_water_mark bigint default 0,
  name uuid default null,
  inline_limit bigint default 32768
)
returns table (
  job bigint, managed_table int, key text[], attempts int,
  managed_column int, "position" int, elements int, row_ctid tid, row_xmin xid, url text,
  source_text text, source_bytea bytea, source_length bigint, ended bigint, highest bigint, lease uuid)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_lease uuid := coalesce(take.name, pg_catalog.gen_random_uuid());
  v_picked record;
  v_left record;
  v_new bigint[];
  v_ended bigint[];
begin
  v_picked := offload._pick(take.batch, take.low_water_mark);
  if v_picked.jobs is null then
    return;
  end if;
  v_new := array(
    select p.job from unnest(v_picked.jobs, v_picked.attempts) p (job, attempts) where p.attempts = 0);
  v_ended := offload._end_settled(v_new, null, take.inline_limit);
  return query
    select min(p.job), null::int, null::text[], null::int, null::int, null::int, null::int, null::tid, null::xid, null::text,
      null::text, null::bytea, null::bigint, pg_catalog.cardinality(v_ended)::bigint,
      coalesce(max(p.job) filter (where p.attempts = 0), min(p.job)), v_lease
    from unnest(v_picked.jobs, v_picked.attempts) p (job, attempts);
  if pg_catalog.cardinality(v_ended) = pg_catalog.cardinality(v_picked.jobs) then
    return;
  end if;
  select pg_catalog.array_agg(p.job) as jobs, pg_catalog.array_agg(p.attempts) as attempts,
    pg_catalog.array_agg(p.created_at) as created_at,
    -- Null would be all of them.
    coalesce(pg_catalog.array_agg(p.job) filter (where p.attempts = 0), '{}') as new
  into v_left
  from unnest(v_picked.jobs, v_picked.attempts, v_picked.created_at) p (job, attempts, created_at)
  where p.job <> all (v_ended);
  return query
    select l.job, l.managed_table, l.key, l.attempt, null::int, null::int, null::int, null::tid, null::xid, null::text,
      null::text, null::bytea, null::bigint, null::bigint, null::bigint, v_lease
    from offload._lease(v_left.jobs, v_left.attempts, v_left.created_at, v_lease, take.lease_for) l;
  return query
    select f.job, null::int, null::text[], null::int, f.managed_column, f.position, f.elements, f.row_ctid, f.row_xmin, f.url,
      f.source_text, f.source_bytea, f.source_length, null::bigint, null::bigint, v_lease
    from offload.fetch_sources(v_lease, v_left.new, take.inline_limit) f;
end;
$$;

comment on function offload.take(int, interval, bigint, uuid, bigint) is
$$Claim and look in one: rows that need nothing are never held, and the values of the others come with their claim.
Empty: nothing is ready now. The first row says how many jobs were ended, and has the lowest id of all that were found and
the highest of those that nobody had tried before. Then one row with managed_table for each job that is held now, and one
row without it for each value that was read, as offload.fetch_sources returns them; rows that were tried before are not
read. An error has claimed nothing: use offload.claim for a while.

batch: at most so many jobs
lease_for: how long they are held unless renewed
low_water_mark: jobs with a smaller id are passed over, retries excepted
name: what the lease is called; null: a new one
inline_limit: longer sources are left out, and their rows are not ended$$;
revoke execute on function offload.take(int, interval, bigint, uuid, bigint) from public;
