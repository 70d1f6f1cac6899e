-- The rows of a worker's results that it still holds, with their tables and keys.

create or replace function offload._held(lease uuid, results jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
-- Tables grow from nothing while a worker runs: a plan is made for each batch, and only along the indexes it is never slow.
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
  select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
    'job', j.id, 'table', j.managed_table, 'key', j.key, 'ctid', r.ctid, 'xmin', r.xmin)), '[]')
  from pg_catalog.jsonb_to_recordset(_held.results) r (job bigint, ctid text, xmin text)
  -- As it is written, it leads to no index of leases, where all that are held would be looked through.
  join offload.job j on j.id = r.job and coalesce(j.lease = _held.lease, false);
$$;

comment on function offload._held(uuid, jsonb) is
$$The rows of a worker's results that it still holds.

lease: as the claim gave it
results: as offload.complete takes them$$;
revoke execute on function offload._held(uuid, jsonb) from public;
