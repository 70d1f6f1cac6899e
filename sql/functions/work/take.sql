-- Claim and look in one: rows that need nothing are never held, and the values of the others come with their claim.
--
-- Read are only rows that nobody has tried before, before their attempt is counted. So a value that ends the session, or
-- cannot be read, ends no job and counts no attempt: whoever is not answered, or is answered with an error, must claim and
-- look for a while instead. Who reads holds locks on jobs alone, for which nobody waits.
--
-- All begin where the last one began and a batch further: who began at a mark of his own would wade through what the
-- others hold and have ended. The common mark is a sequence, which no transaction protects. So what is below it and still
-- waits, be it that it was committed late or that its take was rolled back, is found by who begins at the start, and he
-- sets the mark back.

create or replace function offload.take(
  batch int default 100,
  lease_for interval default '1 minute',
  from_start boolean default true,
  name uuid default null,
  inline_limit bigint default 32768
)
returns table (
  job bigint, managed_table int, key text[], attempts int,
  managed_column int, "position" int, elements int, row_ctid tid, row_xmin xid, url text,
  source_text text, source_bytea bytea, source_length bigint, ended bigint, lease uuid)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_lease uuid := coalesce(take.name, pg_catalog.gen_random_uuid());
  v_from bigint := 0;
  v_picked record;
  v_left record;
  v_new bigint[];
  v_ended bigint[];
begin
  if not take.from_start then
    v_from := (select t.last_value from offload.taken_to t);
    perform pg_catalog.setval('offload.taken_to', v_from + take.batch);
  end if;
  v_picked := offload._pick(take.batch, v_from);
  v_new := array(
    select p.job from unnest(v_picked.jobs, v_picked.attempts) p (job, attempts) where p.attempts = 0);
  -- Others may have begun behind this one, or set the mark back: that is left as it is.
  perform pg_catalog.setval('offload.taken_to', coalesce(v_picked.next_id, v_from))
  from offload.taken_to t
  where case when take.from_start then v_picked.next_id is not null
    else t.last_value = v_from + take.batch or (t.last_value > v_from and t.last_value < v_picked.next_id) end;
  if v_picked.jobs is null then
    return;
  end if;
  v_ended := offload._end_settled(v_new, null, take.inline_limit);
  return query
    select min(p.job), null::int, null::text[], null::int, null::int, null::int, null::int, null::tid, null::xid, null::text,
      null::text, null::bytea, null::bigint, pg_catalog.cardinality(v_ended)::bigint, v_lease
    from pg_catalog.unnest(v_picked.jobs) p (job);
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
      null::text, null::bytea, null::bigint, null::bigint, v_lease
    from offload._lease(v_left.jobs, v_left.attempts, v_left.created_at, v_lease, take.lease_for) l;
  return query
    select f.job, null::int, null::text[], null::int, f.managed_column, f.position, f.elements, f.row_ctid, f.row_xmin, f.url,
      f.source_text, f.source_bytea, f.source_length, null::bigint, v_lease
    from offload.fetch_sources(v_lease, v_left.new, take.inline_limit) f;
end;
$$;

comment on function offload.take(int, interval, boolean, uuid, bigint) is
$$Claim and look in one: rows that need nothing are never held, and the values of the others come with their claim.
Empty: nothing is ready now. The first row says how many jobs were ended, and has the lowest id of all that were found.
Then one row with managed_table for each job that is held now, and one row without it for each value that was read, as
offload.fetch_sources returns them; rows that were tried before are not read. An error has claimed nothing: use
offload.claim for a while.

batch: at most so many jobs
lease_for: how long they are held unless renewed
from_start: false: behind the last that anybody took, retries excepted; to be asked with true now and then, and where nothing was found
name: what the lease is called; null: a new one
inline_limit: longer sources are left out, and their rows are not ended$$;
revoke execute on function offload.take(int, interval, boolean, uuid, bigint) from public;
