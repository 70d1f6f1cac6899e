-- What each item of a worker's results comes to: its URL, whether it lies where it is wanted, whether its source may go.
--
-- A strategy goes by the origin: what the application once wrote, also where its object stands in its place or alone.

create or replace function offload._judge(rows jsonb, results jsonb, contents bytea[])
returns jsonb
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
declare
  -- One moment decides for all: what is due in it is cleared, and what is not waits.
  v_now timestamptz := pg_catalog.clock_timestamp();
  v_items jsonb;
  v_wrong record;
begin
  with item as materialized (
    select
      pg_catalog.row_number() over () as n, r.job, r."table", r.key,
      i."column", coalesce(i.position, 0) as position, i.elements, i.raw, i.source, i.source_bytes,
      pg_catalog.decode(i.source, 'hex') as source_hash,
      coalesce(pg_catalog.decode(i.object, 'hex'), case when i.adopt is not null then offload._object_at(i.adopt) end) as object_hash,
      i.refusal, i.detail, i.content, i.data_uri, i.adopt
    from pg_catalog.jsonb_to_recordset(_judge.results) j (job bigint, items jsonb)
    join (
      select r.job, r."table", array(select pg_catalog.jsonb_array_elements_text(r.key)) as key
      from pg_catalog.jsonb_to_recordset(_judge.rows) r (job bigint, "table" int, key jsonb)
    ) r on r.job = j.job
    cross join lateral pg_catalog.jsonb_to_recordset(coalesce(j.items, '[]')) i (
      "column" int, position int, elements int, raw text, source text, source_bytes bigint, object text, refusal text,
      detail text, content int, data_uri boolean, adopt text)
  ), column_ as materialized (
    select e.*, a.atttypmod - 4 as url_length
    from offload.effective_column e
    left join pg_catalog.pg_attribute a
      on a.attrelid = e.relation and a.attname = e.url_column and not a.attisdropped and a.atttypmod > 4
    where e.id in (select i."column" from item i)
  ), known as materialized (
    select
      i.*, c.managed_table, c.kind, c.strategy, c.threshold, c.local_store, c.source_policy, c.originals, c.grace,
      c.url_column, c.url_length,
      coalesce(g.source_hash, i.source_hash) as origin_hash, coalesce(g.source_bytes, i.source_bytes) as origin_bytes,
      k.original_hash, k.store as url_store, case when k.object_hash = i.object_hash then k.placed_at end as placed_at, coalesce(p.preferred_at > k.placed_at, false) as prefers,
      coalesce(k.restores, false) as restores
    from item i
    join column_ c on c.id = i."column" and c.managed_table = i."table"
    join offload.managed_column p on p.id = c.id
    -- What is known of this very image; of another that stood there before, nothing counts.
    left join lateral (
      -- Looked up by itself, whatever the planner thinks of the table.
      select k.* from offload.item k where k.managed_column = c.id and k.key = i.key and k.position = i.position offset 0
    ) k on coalesce(i.source_hash, i.object_hash) in (k.source_hash, k.object_hash, k.original_hash)
    left join lateral (
      select o.source_hash, o.source_bytes
      from offload._origin(c.id, i.key, i.position, coalesce(i.source_hash, i.object_hash)) o
      where i.adopt is not null or i.source_hash = k.object_hash or (k.key is null and i.source_hash = i.object_hash)
    ) g on true
  )
  select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
    'job', i.job, 'table', i."table", 'column', i."column", 'position', i.position, 'elements', i.elements, 'raw', i.raw,
    'source', i.source, 'source_bytes', i.source_bytes, 'object', pg_catalog.encode(i.object_hash, 'hex'),
    'origin', pg_catalog.encode(i.origin_hash, 'hex'), 'origin_bytes', i.origin_bytes, 'was', i.adopt,
    'content', i.content, 'data_uri', i.data_uri,
    'refusal', f.refusal, 'detail', f.detail,
    'url', case when f.refusal is distinct from 'url_too_long' then p.url end, 'store', p.store,
    'prefers', i.prefers,
    'is_placed', f.refusal is not null or (coalesce(p.is_placed, true) and (i.content is not null or not t.lacks_content)),
    'original', pg_catalog.encode(o.original_hash, 'hex'),
    'may_replace', t.may_replace,
    'due', d.due,
    'clears', d.due <= v_now)), '[]')
    into v_items
  from known i
  left join lateral offload._placing(
    i."column", i.strategy, i.threshold, i.local_store, i.origin_bytes, i.object_hash, i.url_store, i.prefers) p
    on i.object_hash is not null
  cross join lateral (
    select coalesce(
      case when i.source_hash is distinct from i.origin_hash or i.source_hash = i.original_hash then i.original_hash end,
      -- The row's key changed.
      case when i.originals = 'archive' and i.kind = 'image' and i.origin_hash <> i.object_hash
        and i.origin_hash is distinct from i.source_hash and exists (
        select from offload.replica a where a.object_hash = i.origin_hash and a.state = 'stored')
        then i.origin_hash end,
      case when i.originals = 'archive' and i.kind = 'image' and i.object_hash <> i.source_hash and exists (
        select from offload.replica a where a.object_hash = i.source_hash and a.state = 'stored')
        then i.source_hash end)
  ) o (original_hash)
  cross join lateral (
    select
      case
        when i.adopt is not null and i.object_hash is null then 'unknown_object'
        when pg_catalog.length(p.url) > i.url_length then 'url_too_long'
        else i.refusal
      end,
      case
        when i.adopt is not null and i.object_hash is null then 'no replica is known under this URL'
        when pg_catalog.length(p.url) > i.url_length then pg_catalog.format(
          'the URL has %s characters, and column %I holds %s', pg_catalog.length(p.url), i.url_column, i.url_length)
        else i.detail
      end
  ) f (refusal, detail)
  cross join lateral (
    select
      -- The row wants bytes that it has not: its own again, or its original.
      i.object_hash is not null and (
        (i.restores and i.original_hash is distinct from i.source_hash)
        or (i.adopt is not null and offload._wants_row(i.strategy, i.origin_bytes, i.threshold, i.local_store))),
      case
        when i.content is null then true
        when i.restores and pg_catalog.encode(i.original_hash, 'hex') = n.hash then true
        when pg_catalog.encode(i.object_hash, 'hex') is distinct from n.hash then false
        when i.adopt is not null then true
        else i.source_policy = 'replace' and not i.restores and (
          i.kind <> 'image' or i.object_hash = i.source_hash or i.originals = 'discard' or o.original_hash is not null)
      end
    from (
      select case when i.content is not null then offload._content_hash(_judge.contents[i.content], c.column_type) end
      from column_ c
      where c.id = i."column"
    ) n (hash)
  ) t (lacks_content, may_replace)
  cross join lateral (
    -- The source goes only when its URL opens, and when its original is kept or needs no keeping.
    select case when i.source_policy = 'clear' and i.adopt is null and not i.restores and p.url is not null and f.refusal is null
        and coalesce(p.is_placed and p.opens, false)
        and (i.kind <> 'image' or i.originals = 'discard' or i.object_hash = i.source_hash or o.original_hash is not null)
      then coalesce(i.placed_at, v_now) + i.grace end
  ) d (due);

  select i."column", i.job into v_wrong
  from pg_catalog.jsonb_to_recordset(v_items) i (job bigint, "column" int, may_replace boolean)
  where not coalesce(i.may_replace, false);
  if found then
    raise exception using
      errcode = 'OF023',
      message = pg_catalog.format('the source of managed column %s would be lost (job %s)', v_wrong."column", v_wrong.job),
      detail = 'The new bytes are not the object''s or the original''s, or the original is in no store, or the policy is not to replace.',
      hint = 'This is a fault of the worker; the row stays as it was.';
  end if;
  return v_items;
end;
$$;

comment on function offload._judge(jsonb, jsonb, bytea[]) is
$$What each item of a worker's results comes to.

rows: the rows that are still held
results: as offload.complete takes them
contents: the bytes that replace sources$$;
revoke execute on function offload._judge(jsonb, jsonb, bytea[]) from public;
