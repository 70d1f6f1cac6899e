-- Write down the items of settled rows: what came, what went, and what that does to the counts.

create or replace function offload._record(settled jsonb, items jsonb)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Tables grow from nothing while a worker runs: a plan is made for each batch, and only along the indexes it is never slow.
set plan_cache_mode = force_custom_plan
-- So that what is to stay is hashed, also where a batch is of long arrays: else it is compared pair by pair.
set work_mem = '32MB'
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
  insert into offload.derivation (source_hash, profile, source_bytes, object_hash, refusal, detail)
  select distinct on (i.source, e.profile)
    pg_catalog.decode(i.source, 'hex'), e.profile, i.source_bytes,
    pg_catalog.decode(i.object, 'hex'), case when i.object is null then i.refusal end,
    case when i.object is null or i.refusal is null then i.detail end
  from pg_catalog.jsonb_to_recordset(_record.items) i (
    "column" int, source text, source_bytes bigint, object text, refusal text, detail text)
  join offload.effective_column e on e.id = i."column"
  where i.source is not null and (i.object is not null or i.refusal is not null)
  order by i.source, e.profile
  on conflict do nothing;
  -- What stands in a source's place, or came back into the row, is its own object: it need not be encoded again.
  insert into offload.derivation (source_hash, profile, source_bytes, object_hash, detail)
  select distinct on (o.hash, e.profile) o.hash, e.profile, o.bytes, o.hash, i.detail
  from pg_catalog.jsonb_to_recordset(_record.items) i ("column" int, object text, content int, detail text)
  join offload.effective_column e on e.id = i."column"
  -- Each looked up by itself: in their order it would read all objects.
  cross join lateral (
    select o.hash, o.bytes from offload.object o where o.hash = pg_catalog.decode(i.object, 'hex') offset 0
  ) o
  where i.content is not null
  order by o.hash, e.profile, i.detail
  on conflict do nothing;

  with settled as (
    select s.job, array(select pg_catalog.jsonb_array_elements_text(s.key)) as key, s."table", s.xmin, s.outcome
    from pg_catalog.jsonb_to_recordset(_record.settled) s (job bigint, "table" int, key jsonb, xmin text, outcome text)
    where s.outcome not in ('changed', 'locked')
  ), new as materialized (
    select
      i."column" as managed_column, s.key, i.position,
      pg_catalog.decode(i.origin, 'hex') as source_hash, i.origin_bytes as source_bytes,
      o.hash as object_hash, o.bytes,
      pg_catalog.decode(i.original, 'hex') as original_hash, i.refusal,
      -- Of a row whose source is gone it stays known what there was to say of its object.
      coalesce(i.detail, case when i.refusal is null and k.refusal is null then k.detail end) as detail,
      s.xmin::xid as row_version,
      i.is_placed and o.hash is not null and i.refusal is null as is_placed, i.prefers,
      i.url is not null or (i.was is not null and o.hash is not null and i.content is null) as is_remote,
      i.store, i.data_uri,
      case when i.position = 0 and i.source = i.origin and i.content is null and i.refusal is null and not coalesce(i.clears, false)
        then pg_catalog.decode(i.raw, 'hex') end as raw_hash
    from settled s
    join pg_catalog.jsonb_to_recordset(_record.items) i (
      job bigint, "column" int, position int, origin text, origin_bytes bigint, object text, original text, refusal text,
      detail text, url text, store int, is_placed boolean, prefers boolean, was text, content int, data_uri boolean,
      raw text, source text, clears boolean) on i.job = s.job
    left join lateral (
      select o.hash, o.bytes from offload.object o where o.hash = pg_catalog.decode(i.object, 'hex') offset 0
    ) o on true
    -- Looked up by its whole key, whatever the planner thinks: by a part of it, it would read all of the column's items.
    left join lateral (
      select k.refusal, k.detail
      from offload.item k
      where i.was is not null and k.managed_column = i."column" and k.key = s.key and k.position = i.position
        and k.object_hash = o.hash
      offset 0
    ) k on true
    where s.outcome <> 'gone'
  ), old as materialized (
    select i.*, o.bytes
    from settled s
    join offload.managed_column c on c.managed_table = s."table" and c.detached_at is null
    -- Each looked up by itself, whatever the planner thinks of the tables.
    cross join lateral (select i.* from offload.item i where i.managed_column = c.id and i.key = s.key offset 0) i
    left join lateral (select o.bytes from offload.object o where o.hash = i.object_hash offset 0) o on true
  ), removed as (
    delete from offload.item i
    using old
    where i.managed_column = old.managed_column and i.key = old.key and i.position = old.position
      -- Hashed, as it is written: the cost of many rows must not grow with their square.
      and (old.managed_column, old.key, old.position) not in (select n.managed_column, n.key, n.position from new n)
  ), recorded as (
    insert into offload.item as i (
      managed_column, key, position, source_hash, source_bytes, raw_hash, object_hash, original_hash, refusal, detail, row_version,
      placed_at, is_remote, store, is_data_uri)
    select
      n.managed_column, n.key, n.position, n.source_hash, n.source_bytes, n.raw_hash, n.object_hash, n.original_hash, n.refusal,
      n.detail, n.row_version, case when n.is_placed then pg_catalog.clock_timestamp() end, n.is_remote, n.store, n.data_uri
    from new n
    order by n.managed_column, n.key, n.position
    on conflict on constraint item_pkey do update set
      source_hash = excluded.source_hash, source_bytes = excluded.source_bytes,
      raw_hash = excluded.raw_hash, object_hash = excluded.object_hash,
      original_hash = coalesce(excluded.original_hash, case when i.object_hash = excluded.object_hash then i.original_hash end),
      refusal = excluded.refusal, detail = excluded.detail, row_version = excluded.row_version,
      placed_at = case when excluded.placed_at is not null and i.object_hash = excluded.object_hash
          and not (excluded.managed_column, excluded.key, excluded.position) in (
            select n.managed_column, n.key, n.position from new n where n.prefers)
        then coalesce(i.placed_at, excluded.placed_at) else excluded.placed_at end,
      is_remote = excluded.is_remote, store = coalesce(excluded.store, case when excluded.is_remote then i.store end),
      is_data_uri = coalesce(
        excluded.is_data_uri, case when i.source_hash = excluded.source_hash then i.is_data_uri end),
      -- Read here, under the item's lock: it may have been asked for since the worker looked.
      restores = i.restores and i.source_hash is not distinct from excluded.source_hash,
      seen_at = pg_catalog.clock_timestamp()
  ), referenced as (
    update offload.object o set unreferenced_since = null
    where o.unreferenced_since is not null
      and o.hash in (select h.hash from new n, pg_catalog.unnest(array[n.object_hash, n.original_hash]) h (hash))
  ), dereferenced as (
    insert into offload.dereferenced (object_hash)
    select h.hash
    from old, pg_catalog.unnest(array[old.object_hash, old.original_hash]) h (hash)
    where h.hash is not null
    except
    select n.object_hash from new n
  )
  insert into offload.count_entry (managed_column, store_bytes, saved_bytes)
  select d.managed_column, pg_catalog.sum(d.store_bytes), pg_catalog.sum(d.saved_bytes)
  from (
    select n.managed_column, case when n.is_remote then coalesce(n.bytes, 0) else 0 end, coalesce(n.source_bytes - n.bytes, 0)
    from new n
    union all
    select old.managed_column, case when old.is_remote then -coalesce(old.bytes, 0) else 0 end,
      -coalesce(old.source_bytes - old.bytes, 0)
    from old
  ) d (managed_column, store_bytes, saved_bytes)
  group by d.managed_column
  having pg_catalog.sum(d.store_bytes) <> 0 or pg_catalog.sum(d.saved_bytes) <> 0;
end;
$$;

comment on function offload._record(jsonb, jsonb) is
$$Write down the items of settled rows.

settled: what became of each row
items: as _judge returns them$$;
revoke execute on function offload._record(jsonb, jsonb) from public;
