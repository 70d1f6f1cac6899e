-- What is known of values already, so that what is right costs no encoding and no upload: their objects, or why they
-- were refused, and which bytes are wanted in the row in place of what stands there.
--
-- Many at once: the settings of their columns are read once.

create or replace function offload.recall(
  jobs bigint[], managed_columns int[], positions int[], source_hashes bytea[], source_bytes bigint[], urls text[])
returns table (
  n int, object_hash bytea, refusal text, detail text, origin_bytes bigint, is_placed boolean,
  content_hash bytea, is_data_uri boolean, keeps_source boolean, lacks_original boolean)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- Tables grow from nothing while a worker runs: a plan is made for each batch, and only along the indexes it is never slow.
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
    with column_ as materialized (
      select e.id, e.kind, e.profile, e.strategy, e.threshold, e.local_store, c.preferred_at,
        e.kind = 'image' and e.originals = 'archive' and e.source_policy <> 'keep' as archives
      from offload.effective_column e
      join offload.managed_column c on c.id = e.id
      where e.id = any (recall.managed_columns)
    ), known as materialized (
      select q.n::int as n, q.managed_column, q."position", q.source_hash, q.source_bytes,
        c.id, c.strategy, c.threshold, c.local_store, c.archives, j.key,
        i.key is not null as has_item, i.source_hash as item_source, i.object_hash as item_object, i.original_hash, i.is_data_uri,
        coalesce(c.preferred_at > i.placed_at, false) as prefers,
        coalesce(i.restores and (q.source_hash is null or q.source_hash in (i.source_hash, i.object_hash, i.original_hash)), false)
          as keeps_source,
        case when q.source_hash is null then offload._object_at(q.url) else d.object_hash end as object_hash,
        d.refusal, d.detail
      from unnest(
        recall.jobs, recall.managed_columns, recall.positions, recall.source_hashes, recall.source_bytes, recall.urls)
        with ordinality q (job, managed_column, "position", source_hash, source_bytes, url, n)
      left join column_ c on c.id = q.managed_column
      -- Each looked up by itself, whatever the planner thinks of the tables.
      left join lateral (select j.key from offload.job j where j.id = q.job offset 0) j on true
      left join lateral (
        select i.* from offload.item i
        where i.managed_column = q.managed_column and i.key = j.key and i.position = q."position" offset 0
      ) i on true
      left join lateral (
        select d.* from offload.derivation d where d.source_hash = q.source_hash and d.profile = c.profile offset 0
      ) d on true
    ), origin as materialized (
      select k.*,
        case when w.is_object then g.source_bytes else k.source_bytes end as origin_bytes
      from known k
      -- What stands there may be the item's object, in the place of what the application wrote.
      cross join lateral (
        select coalesce(
          k.source_hash is null or k.source_hash = k.item_object or (not k.has_item and k.source_hash = k.object_hash), false)
      ) w (is_object)
      left join lateral offload._origin(
        k.managed_column, k.key, k."position", coalesce(k.source_hash, k.object_hash)) g on w.is_object
    )
    select o.n, o.object_hash, o.refusal, o.detail, o.origin_bytes,
      o.object_hash is not null and coalesce(p.is_preferred, true),
      case
        when o.keeps_source and o.original_hash is distinct from o.source_hash then o.original_hash
        when o.source_hash is null and offload._wants_row(o.strategy, o.origin_bytes, o.threshold, o.local_store) then o.object_hash
      end,
      o.is_data_uri, o.keeps_source,
      coalesce(o.archives and not o.keeps_source and o.object_hash <> o.source_hash, false) and not exists (
        select from offload.archive_store(o.managed_column) a
        join offload.replica r on r.store = a.store and r.object_hash = o.source_hash and r.state = 'stored')
    from origin o
    left join lateral offload._placing(
      o.id, o.strategy, o.threshold, o.local_store, o.origin_bytes, o.object_hash, null, o.prefers) p on o.object_hash is not null
    order by o.n;
end;
$$;

comment on function offload.recall(bigint[], int[], int[], bytea[], bigint[], text[]) is
$$What is known of values already: their objects, or why they were refused, the bytes of what the application wrote,
whether an object lies where it is wanted, which object is wanted in the row, in which form, whether the source stays
whatever the policy says, and whether it is to be archived yet, before it goes. One row for each, numbered from 1.

jobs: the claimed job of each value
managed_columns: their ids; the settings that decide are their own
positions: 0, or an element's place from 1
source_hashes: SHA-256 of the decoded source; null: it is gone
source_bytes: how many they are
urls: where the source is gone, the URL that stands for it$$;
revoke execute on function offload.recall(bigint[], int[], int[], bytea[], bigint[], text[]) from public;
