-- Read the rows of jobs, and end the jobs of those that need nothing: rows that were saved unchanged, or were looked at by
-- somebody else meanwhile. The caller holds the jobs: by a lease, or by locks of this transaction.
--
-- A row needs nothing where each of its columns is empty and unknown, or holds the very bytes that its item was made of
-- under the settings of now, lies where it is wanted, and carries the URL that a write-back would write. Nothing is
-- written to the row, so no fence is needed: a change and its job are committed together, so who sees the one sees the
-- other. A change that this look does not see brings a job that was not chosen either.
--
-- Arrays, of which no item knows the bytes, and values beyond the limit go the long way; so does all that a policy may yet
-- replace or clear.

create or replace function offload._end_settled(jobs bigint[], lease uuid, inline_limit bigint)
returns bigint[]
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
set work_mem = '32MB'
-- Each thing is looked up by its key, and there is no other way, however large the tables grow: the plan is made once.
-- What is asked in milliseconds is not worth compiling.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_memoize = off
set jit = off
as $$
declare
  v_table record;
  v_value record;
  v_ended bigint[];
  v_all bigint[] := '{}';
begin
  for v_table in
    select j.managed_table as id, pg_catalog.array_agg(j.id) as jobs, pg_catalog.jsonb_agg(pg_catalog.to_jsonb(j.key)) as keys
    from offload.arrival j
    where j.id = any (_end_settled.jobs) and j.key is not null
    group by j.managed_table
  loop
    -- With its table every row is gone, and its values' reader.
    continue when not exists (
      select from offload.managed_table t join pg_catalog.pg_class c on c.oid = t.relation where t.id = v_table.id);
    execute pg_catalog.format(
      $read$
        select
          pg_catalog.array_agg(($1)[f.n]) as jobs, pg_catalog.array_agg(f.managed_column) as managed_columns,
          pg_catalog.array_agg(f.position) as positions, pg_catalog.array_agg(f.row_xmin) as versions,
          pg_catalog.array_agg(f.url) as urls, pg_catalog.array_agg(f.source_length) as lengths,
          pg_catalog.array_agg(pg_catalog.sha256(coalesce(f.source_bytea, pg_catalog.convert_to(f.source_text, 'UTF8')))) as hashes
        from offload._fetch_%s($2, $3) f
      $read$,
      v_table.id)
      into v_value
      using v_table.jobs, v_table.keys, _end_settled.inline_limit;
    with column_ as materialized (
      select e.id, e.strategy, e.threshold, e.local_store, e.profile, c.preferred_at, e.source_policy = 'keep' as keeps,
        exists (select from offload.chain h where h.managed_column = e.id)
        or exists (select from offload.store s where s.id = e.local_store and s.kind <> 'database') as has_stores
      from offload.effective_column e
      join offload.managed_column c on c.id = e.id
      where e.managed_table = v_table.id
    ), judged as materialized (
      select v.job, i.managed_column, i.key, v.row_xmin, i.row_version,
        case
          when v.source_length is null then v.url is null and i.key is null
          else c.keeps and i.refusal is null and not i.restores
            and i.placed_at is not null and not coalesce(c.preferred_at > i.placed_at, false)
            and i.raw_hash = v.raw_hash and i.object_hash = d.object_hash
            and coalesce(s.is_placed, true) and v.url is not distinct from s.url
            and i.is_remote = (s.url is not null) and (s.store is null or s.store = i.store)
        end as needs_nothing
      from unnest(
        v_value.jobs, v_value.managed_columns, v_value.positions, v_value.versions, v_value.urls, v_value.lengths, v_value.hashes)
        v (job, managed_column, "position", row_xmin, url, source_length, raw_hash)
      -- Each looked up by itself, whatever the planner thinks of the tables.
      cross join lateral (select j.key from offload.arrival j where j.id = v.job offset 0) j
      left join column_ c on c.id = v.managed_column
      left join lateral (
        select i.managed_column, i.key, i.position, i.source_hash, i.source_bytes, i.raw_hash, i.object_hash, i.refusal, i.row_version,
          i.placed_at, i.is_remote, i.store, i.restores
        from offload.item i
        where i.managed_column = v.managed_column and i.key = j.key
        offset 0
      ) i on i.position = v.position or v.source_length is null
      left join lateral (
        select d.object_hash from offload.derivation d where d.source_hash = i.source_hash and d.profile = c.profile offset 0
      ) d on true
      left join lateral (
        select p.*
        -- Where no store is wanted, none is looked for.
        from (select c.id where c.has_stores and i.key is not null offset 0) w
        cross join lateral offload._placing(
          w.id, c.strategy, c.threshold, c.local_store, i.source_bytes, i.object_hash, i.store, false) p
      ) s on true
    ), whole as materialized (
      select j.*, pg_catalog.bool_and(coalesce(j.needs_nothing, false)) over (partition by j.job) as ends
      from judged j
    ), needless as materialized (
      select distinct w.job from whole w where w.ends
    ), ended as (
      delete from offload.job j
      using needless n
      where _end_settled.lease is not null and j.id = n.job and coalesce(j.lease = _end_settled.lease, false)
      returning j.id
    ), ended_at_once as (
      delete from offload.arrival j
      using needless n
      where _end_settled.lease is null and j.id = n.job
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
    select pg_catalog.array_agg(e.id) into v_ended from (select * from ended union all select * from ended_at_once) e;
    v_all := v_all || v_ended;
  end loop;
  return v_all;
end;
$$;

comment on function offload._end_settled(bigint[], uuid, bigint) is
$$Read the rows of jobs, and end the jobs of those that need nothing: their bytes, settings, stores and URL are what they
were made for. Returns which were ended.

jobs: which
lease: as the claim gave it; null: they are held by locks of this transaction
inline_limit: rows with longer sources are not ended$$;
revoke execute on function offload._end_settled(bigint[], uuid, bigint) from public;
