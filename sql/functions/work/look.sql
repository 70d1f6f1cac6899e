-- Read the values of claimed rows, and end there and then the jobs of those that need nothing.

create or replace function offload.look(lease uuid, jobs bigint[] default null, inline_limit bigint default 1073741824)
returns table (
  job bigint, managed_column int, "position" int, elements int, row_ctid tid, row_xmin xid, url text,
  source_text text, source_bytea bytea, source_length bigint, needs_nothing boolean)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
#variable_conflict use_column
declare
  -- The first leads to no index of leases, where all that are held would be looked through.
  v_jobs bigint[] := case when look.jobs is not null
    then array(select j.id from offload.job j where j.id = any (look.jobs) and coalesce(j.lease = look.lease, false))
    else array(select j.id from offload.job j where j.lease = look.lease) end;
  v_ended bigint[] := offload._end_settled(v_jobs, look.lease, look.inline_limit);
begin
  return query
    select e.id, null::int, null::int, null::int, null::tid, null::xid, null::text, null::text, null::bytea, null::bigint, true
    from pg_catalog.unnest(v_ended) e (id);
  return query
    select f.job, f.managed_column, f.position, f.elements, f.row_ctid, f.row_xmin, f.url, f.source_text, f.source_bytea,
      f.source_length, false
    from offload.fetch_sources(
      look.lease, array(select j.id from pg_catalog.unnest(v_jobs) j (id) where j.id <> all (v_ended)), look.inline_limit) f;
end;
$$;

comment on function offload.look(uuid, bigint[], bigint) is
$$Read the values of claimed rows, as offload.fetch_sources does, and end the jobs of those that need nothing: their
bytes, settings, stores and URL are what they were made for. Each of these is one row, with needs_nothing and no more.

lease: as the claim gave it
jobs: which of them; null: all
inline_limit: longer sources are left out, and their rows are not ended$$;
revoke execute on function offload.look(uuid, bigint[], bigint) from public;
