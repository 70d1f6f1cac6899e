-- What each item of a worker's results comes to: its URL, whether it lies where it is wanted, whether its source may go.

create or replace function offload._judge(rows jsonb, results jsonb, contents bytea[])
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- One moment decides for all: what is due in it is cleared, and what is not waits.
  v_now timestamptz := pg_catalog.clock_timestamp();
  v_items jsonb;
  v_wrong record;
begin
  with item as materialized (
    select
      pg_catalog.row_number() over () as n, r.job, r."table",
      array(select pg_catalog.jsonb_array_elements_text(r.key)) as key,
      i."column", coalesce(i.position, 0) as position, i.elements, i.raw, i.source, i.source_bytes,
      coalesce(i.object, a.object) as object, i.refusal, i.detail, i.content, i.adopt is not null as is_adopted
    from pg_catalog.jsonb_to_recordset(_judge.results) j (job bigint, items jsonb)
    join pg_catalog.jsonb_to_recordset(_judge.rows) r (job bigint, "table" int, key jsonb) on r.job = j.job
    cross join lateral pg_catalog.jsonb_to_recordset(coalesce(j.items, '[]')) i (
      "column" int, position int, elements int, raw text, source text, source_bytes bigint, object text, refusal text,
      detail text, content int, adopt text)
    left join lateral (
      -- A URL of ours in a row without a source: the object that lies there.
      select pg_catalog.encode(p.object_hash, 'hex')
      from offload.store_url s
      join offload.replica p on p.store = s.store and p.state = 'stored'
        and (p.url = i.adopt or p.key = pg_catalog.substr(i.adopt, pg_catalog.length(s.prefix) + 1))
      where i.adopt is not null and pg_catalog.starts_with(i.adopt, s.prefix)
      order by pg_catalog.length(s.prefix) desc
      limit 1
    ) a (object) on true
  ), column_ as materialized (
    select e.*, a.atttypmod - 4 as url_length
    from offload.effective_column e
    left join pg_catalog.pg_attribute a
      on a.attrelid = e.relation and a.attname = e.url_column and not a.attisdropped and a.atttypmod > 4
    where e.id in (select i."column" from item i)
  ), wanted as materialized (
    select i.n, h.store, false as is_local, h.ordinal
    from item i
    join column_ c on c.id = i."column" and c.managed_table = i."table"
    join offload.chain h on h.managed_column = c.id
    where i.object is not null and not i.is_adopted and offload._wants_chain(c.strategy, i.source_bytes, c.threshold)
    union all
    select i.n, s.id, true, 0
    from item i
    join column_ c on c.id = i."column" and c.managed_table = i."table"
    join offload.store s on s.id = c.local_store and s.kind <> 'database'
    where i.object is not null and not i.is_adopted and offload._wants_local(c.strategy, i.source_bytes, c.threshold)
  ), held as materialized (
    select w.n, w.is_local, w.ordinal, w.store, p.object_hash is not null as is_there, coalesce(p.url, u.prefix || p.key) as url, k.opens
    from wanted w
    join item i on i.n = w.n
    left join offload.replica p
      on p.store = w.store and p.object_hash = pg_catalog.decode(i.object, 'hex') and p.state = 'stored'
    left join offload.store_url u on u.store = w.store and u.is_current
    left join offload.store_check k on k.store = w.store
  ), placed as (
    -- Of a chain one store is enough; the local store must hold it, too.
    select g.n, pg_catalog.bool_and(g.is_there) as is_placed, pg_catalog.bool_and(g.opens) filter (where not g.is_local) as opens
    from (
      select h.n, h.is_local, pg_catalog.bool_or(h.is_there) as is_there,
        pg_catalog.bool_and(coalesce(h.opens, false)) filter (where h.is_there) as opens
      from held h
      group by h.n, h.is_local
    ) g
    group by g.n
  ), url as (
    select distinct on (h.n) h.n, h.url from held h where h.is_there and h.url is not null order by h.n, h.is_local, h.ordinal
  )
  select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
    'job', i.job, 'table', i."table", 'column', i."column", 'position', i.position, 'elements', i.elements, 'raw', i.raw,
    'source', i.source, 'source_bytes', i.source_bytes, 'object', i.object, 'is_adopted', i.is_adopted,
    'content', i.content, 'source_policy', c.source_policy,
    'refusal', f.refusal, 'detail', f.detail,
    'url', case when f.refusal is distinct from 'url_too_long' then u.url end,
    'is_placed', coalesce(p.is_placed, true),
    'original', o.original,
    'due', d.due,
    'clears', d.due <= v_now)), '[]')
    into v_items
  from item i
  join column_ c on c.id = i."column" and c.managed_table = i."table"
  left join placed p on p.n = i.n
  left join url u on u.n = i.n
  left join offload.item k
    on k.managed_column = c.id and k.key = i.key and k.position = i.position
    and k.object_hash = pg_catalog.decode(i.object, 'hex')
  cross join lateral (
    select case when c.originals = 'archive' and c.kind = 'image' and i.object <> i.source and exists (
      select from offload.replica a where a.object_hash = pg_catalog.decode(i.source, 'hex') and a.state = 'stored')
      then i.source end
  ) o (original)
  cross join lateral (
    select
      case
        when i.is_adopted and i.object is null then 'unknown_object'
        when pg_catalog.length(u.url) > c.url_length then 'url_too_long'
        else i.refusal
      end,
      case
        when i.is_adopted and i.object is null then 'no replica is known under this URL'
        when pg_catalog.length(u.url) > c.url_length then pg_catalog.format(
          'the URL has %s characters, and column %I holds %s', pg_catalog.length(u.url), c.url_column, c.url_length)
        else i.detail
      end
  ) f (refusal, detail)
  cross join lateral (
    -- The source goes only when its URL opens, and when its original is kept or needs no keeping.
    select case when c.source_policy = 'clear' and u.url is not null and f.refusal is null
        and coalesce(p.is_placed and p.opens, false)
        and (c.kind <> 'image' or c.originals = 'discard' or i.object = i.source or o.original is not null)
      then coalesce(k.placed_at, v_now) + c.grace end
  ) d (due);

  select i."column", i.job into v_wrong
  from pg_catalog.jsonb_to_recordset(v_items) i (
    job bigint, "column" int, content int, object text, source text, source_policy text, original text)
  join offload.effective_column e on e.id = i."column"
  where i.content is not null and (
    i.source_policy <> 'replace'
    or offload._content_hash(_judge.contents[i.content], e.column_type) is distinct from i.object
    or (e.kind = 'image' and i.object <> i.source and e.originals is distinct from 'discard' and i.original is null));
  if found then
    raise exception using
      errcode = 'OF023',
      message = pg_catalog.format('the source of managed column %s would be lost (job %s)', v_wrong."column", v_wrong.job),
      detail = 'The new bytes are not the object''s, or the original is in no store, or the policy is not to replace.',
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
