-- Read the values of claimed rows, and end there and then the jobs of those that need nothing: rows that were saved
-- unchanged, or were looked at by somebody else meanwhile.
--
-- A row needs nothing where each of its columns is empty and unknown, or holds the very bytes that its item was made of
-- under the settings of now, lies where it is wanted, and carries the URL that a write-back would write. Nothing is
-- written to the row, so no fence is needed: a change and its job are committed together, so who sees the one sees the
-- other. A change that this look does not see brings a job that the claim did not see either.
--
-- Arrays, of which no item knows the bytes, and values beyond the limit go the long way; so does all that a policy may yet
-- replace or clear.

create or replace function offload.look(lease uuid, jobs bigint[] default null, inline_limit bigint default 1073741824)
returns table (
  job bigint, managed_column int, "position" int, elements int, row_ctid tid, row_xmin xid, url text,
  source_text text, source_bytea bytea, source_length bigint, needs_nothing boolean)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
set work_mem = '32MB'
-- Tables may have been analyzed while they were empty: only a way along the indexes is never slow. What is asked in
-- milliseconds is not worth compiling.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_jobs bigint[] := coalesce(look.jobs, array(select j.id from offload.job j where j.lease = look.lease));
  v_table record;
begin
  for v_table in
    select j.managed_table, pg_catalog.array_agg(j.id order by j.id) as jobs,
      pg_catalog.jsonb_agg(pg_catalog.to_jsonb(j.key) order by j.id) as keys
    from offload.job j
    -- As it is written, it leads to no index of leases, where all that are held would be looked through.
    where j.id = any (v_jobs) and coalesce(j.lease = look.lease, false) and j.key is not null
    group by j.managed_table
  loop
    -- With its table every row is gone.
    if not exists (
      select from offload.managed_table t join pg_catalog.pg_class c on c.oid = t.relation where t.id = v_table.managed_table) then
      return query
        select gone.job, null::int, null::int, null::int, null::tid, null::xid, null::text, null::text, null::bytea, null::bigint, false
        from pg_catalog.unnest(v_table.jobs) gone (job);
      continue;
    end if;
    return query execute pg_catalog.format(
      $look$
        with value as materialized (
          select ($1)[f.n] as job, f.* from offload._fetch_%1$s($2, $3) f
        ), column_ as materialized (
          select e.id, e.strategy, e.threshold, e.local_store, e.profile, c.preferred_at, e.source_policy = 'keep' as keeps
          from offload.effective_column e
          join offload.managed_column c on c.id = e.id
          where e.managed_table = %1$s
        ), judged as materialized (
          select v.job, i.managed_column, i.key, v.row_xmin, i.row_version,
            case
              when v.source_length is null then v.url is null and i.key is null
              else v.source_length <= $3 and c.keeps and i.refusal is null and not i.restores
                and i.placed_at is not null and not coalesce(c.preferred_at > i.placed_at, false)
                and i.raw_hash = case when v.source_bytea is null then pg_catalog.sha256(pg_catalog.convert_to(v.source_text, 'UTF8'))
                  else pg_catalog.sha256(v.source_bytea) end
                and i.object_hash = d.object_hash
                and coalesce(s.is_placed, true) and v.url is not distinct from s.url
                and i.is_remote = (s.url is not null) and (s.store is null or s.store = i.store)
            end as needs_nothing
          from value v
          -- Each looked up by itself, whatever the planner thinks of the tables.
          cross join lateral (select j.key from offload.job j where j.id = v.job offset 0) j
          left join column_ c on c.id = v.managed_column
          left join lateral (
            select i.* from offload.item i where i.managed_column = v.managed_column and i.key = j.key offset 0
          ) i on i.position = v.position or v.source_length is null
          left join lateral (
            select d.object_hash from offload.derivation d where d.source_hash = i.source_hash and d.profile = c.profile offset 0
          ) d on true
          left join lateral offload._placing(
            c.id, c.strategy, c.threshold, c.local_store, i.source_bytes, i.object_hash, i.store, false) s on i.key is not null
        ), whole as materialized (
          select j.*, pg_catalog.bool_and(coalesce(j.needs_nothing, false)) over (partition by j.job) as ends
          from judged j
        ), ended as (
          delete from offload.job j
          using (select distinct w.job from whole w where w.ends) n
          where j.id = n.job and coalesce(j.lease = $4, false)
          returning j.id
        ), unseen as materialized (
          -- Another version of the row with the same bytes. Who holds the item sees to it, or the next sweep does.
          select i.managed_column, i.key, i.position, w.row_xmin
          from whole w
          cross join lateral (
            select i.managed_column, i.key, i.position from offload.item i
            where i.managed_column = w.managed_column and i.key = w.key and i.position = 0
            for no key update of i skip locked
          ) i
          where w.ends and w.row_xmin <> w.row_version
        ), seen as (
          update offload.item i set row_version = u.row_xmin, seen_at = pg_catalog.clock_timestamp()
          from unseen u
          where i.managed_column = u.managed_column and i.key = u.key and i.position = u.position
        )
        select e.id, null::int, null::int, null::int, null::tid, null::xid, null::text, null::text, null::bytea, null::bigint, true
        from ended e
        union all
        select v.job, v.managed_column, v.position, v.elements, v.row_ctid, v.row_xmin, v.url, v.source_text, v.source_bytea,
          v.source_length, false
        from value v
        where v.job not in (select e.id from ended e)
      $look$,
      v_table.managed_table)
      using v_table.jobs, v_table.keys, look.inline_limit, look.lease;
  end loop;
end;
$$;

comment on function offload.look(uuid, bigint[], bigint) is
$$Read the values of claimed rows, as offload.fetch_sources does, and end the jobs of those that need nothing: their
bytes, settings, stores and URL are what they were made for. Each of these is one row, with needs_nothing and no more.

lease: as the claim gave it
jobs: which of them; null: all
inline_limit: longer sources are left out, and their rows are not ended$$;
revoke execute on function offload.look(uuid, bigint[], bigint) from public;
