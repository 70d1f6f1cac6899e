-- Read the values of claimed rows, with the rights of the tables' owners.

create or replace function offload.fetch_sources(lease uuid, jobs bigint[] default null, inline_limit bigint default 1073741824)
returns table (
  job bigint, managed_column int, "position" int, elements int, row_ctid tid, row_xmin xid, url text,
  source_text text, source_bytea bytea, source_length bigint)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
set enable_seqscan = off
set lock_timeout = '1s'
as $$
#variable_conflict use_column
declare
  v_jobs bigint[] := coalesce(fetch_sources.jobs, array(select j.id from offload.job j where j.lease = fetch_sources.lease));
  v_table record;
begin
  for v_table in
    select j.managed_table, pg_catalog.array_agg(j.id order by j.id) as jobs,
      pg_catalog.jsonb_agg(pg_catalog.to_jsonb(j.key) order by j.id) as keys
    from offload.job j
    -- As it is written, it leads to no index of leases, where all that are held would be looked through.
    where j.id = any (v_jobs) and coalesce(j.lease = fetch_sources.lease, false) and j.key is not null
    group by j.managed_table
  loop
    -- With its table every row is gone.
    if not exists (
      select from offload.managed_table t join pg_catalog.pg_class c on c.oid = t.relation where t.id = v_table.managed_table) then
      return query
        select gone.job, null::int, null::int, null::int, null::tid, null::xid, null::text, null::text, null::bytea, null::bigint
        from pg_catalog.unnest(v_table.jobs) gone (job);
      continue;
    end if;
    return query execute pg_catalog.format(
      'select ($1)[f.n], f.managed_column, f.position, f.elements, f.row_ctid, f.row_xmin, f.url, f.source_text, f.source_bytea, f.source_length from offload._fetch_%s($2, $3) f',
      v_table.managed_table)
      using v_table.jobs, v_table.keys, fetch_sources.inline_limit;
  end loop;
end;
$$;

comment on function offload.fetch_sources(uuid, bigint[], bigint) is
$$Read the values of claimed rows: one row for each value, and one for each managed column without any.
row_ctid is null where the row is gone, source_length where it has no source; a source longer than the limit is null
and is read with offload.read_part.

lease: as the claim gave it
jobs: which of them; null: all
inline_limit: longer sources are left out$$;
revoke execute on function offload.fetch_sources(uuid, bigint[], bigint) from public;
