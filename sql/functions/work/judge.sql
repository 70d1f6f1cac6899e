-- What each item of a worker's results comes to: its URL, whether it lies where it is wanted, whether its source may go.

create or replace function offload._judge(rows jsonb, results jsonb, contents bytea[])
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_items jsonb;
  v_wrong record;
begin
  v_items := (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(judged)), '[]')
    from (
      select
        i.job, r."table", r.key, i."column", coalesce(i.position, 0) as position, i.elements, i.raw, i.source, i.source_bytes,
        a.object, i.adopt is not null as is_adopted, i.content, e.source_policy,
        case
          when i.adopt is not null and a.object is null then 'unknown_object'
          when pg_catalog.length(u.url) > l.characters then 'url_too_long'
          else i.refusal
        end as refusal,
        case
          when i.adopt is not null and a.object is null then 'no replica is known under this URL'
          when pg_catalog.length(u.url) > l.characters then pg_catalog.format(
            'the URL has %s characters, and column %I holds %s', pg_catalog.length(u.url), e.url_column, l.characters)
          else i.detail
        end as detail,
        case when pg_catalog.length(u.url) > l.characters then null else u.url end as url,
        i.adopt is not null or a.object is null
          or offload._is_placed(e.id, i.source_bytes, pg_catalog.decode(a.object, 'hex')) as is_placed,
        case when e.originals = 'archive' and e.kind = 'image' and exists (
            select from offload.replica p
            where p.object_hash = pg_catalog.decode(i.source, 'hex') and p.state = 'stored')
          then i.source end as original,
        -- The source goes only when its URL opens, and when its original needs no keeping or is kept.
        e.source_policy = 'clear' and u.url is not null
          and (e.kind <> 'image' or e.originals = 'discard' or a.object = i.source or exists (
            select from offload.replica p
            where p.object_hash = pg_catalog.decode(i.source, 'hex') and p.state = 'stored'))
          and coalesce((
            select pg_catalog.bool_and(c.opens)
            from offload.wanted_store(e.id, i.source_bytes) w
            join offload.replica p on p.store = w.store and p.object_hash = pg_catalog.decode(a.object, 'hex') and p.state = 'stored'
            left join offload.store_check c on c.store = w.store
            where not w.is_local), false) as may_clear,
        e.grace,
        (
          select k.placed_at from offload.item k
          where k.managed_column = e.id and k.key = array(select pg_catalog.jsonb_array_elements_text(r.key))
            and k.position = coalesce(i.position, 0) and k.object_hash = pg_catalog.decode(a.object, 'hex')
        ) as placed_at
      from pg_catalog.jsonb_to_recordset(_judge.results) j (job bigint, items jsonb)
      join pg_catalog.jsonb_to_recordset(_judge.rows) r (job bigint, "table" int, key jsonb) on r.job = j.job
      cross join lateral pg_catalog.jsonb_to_recordset(
        case when pg_catalog.jsonb_typeof(j.items) = 'array'
          then (select pg_catalog.jsonb_agg(x || pg_catalog.jsonb_build_object('job', j.job)) from pg_catalog.jsonb_array_elements(j.items) x) end
      ) i (job bigint, "column" int, position int, elements int, raw text, source text, source_bytes bigint, object text,
        refusal text, detail text, content int, adopt text)
      join offload.effective_column e on e.id = i."column" and e.managed_table = r."table"
      left join lateral (
        select coalesce(i.object, (
          select pg_catalog.encode(p.object_hash, 'hex')
          from offload.store_url s
          join offload.replica p on p.store = s.store and p.state = 'stored'
            and (p.url = i.adopt or p.key = pg_catalog.substr(i.adopt, pg_catalog.length(s.prefix) + 1))
          where pg_catalog.starts_with(i.adopt, s.prefix)
          order by pg_catalog.length(s.prefix) desc
          limit 1)) as object
      ) a on true
      left join lateral (
        select case when i.adopt is null and a.object is not null
          then offload._object_url(e.id, i.source_bytes, pg_catalog.decode(a.object, 'hex')) end as url
      ) u on true
      left join lateral (
        select f.atttypmod - 4 as characters from pg_catalog.pg_attribute f
        where f.attrelid = e.relation and f.attname = e.url_column and not f.attisdropped and f.atttypmod > 4
      ) l on true
    ) judged);

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
