-- Write the URLs of the next rows anew: one batch, in one transaction, through the fence of the table's write-back.
--
-- A row that an application holds is passed by; another pass looks at it again. What was done is recorded together with
-- it, so that a worker that is killed costs nothing.

create or replace function offload.rewrite_batch(batch int default 500)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rewrite offload.rewrite;
  v_last text[];
  v_seen bigint;
  v_rows jsonb;
  v_lost bigint;
  v_long bigint;
  v_written bigint := 0;
  v_busy bigint := 0;
begin
  select r.* into v_rewrite from offload.rewrite r
  where r.state = 'pending' and r.ready_at <= pg_catalog.clock_timestamp()
  order by r.store, r.managed_table
  limit 1
  for update skip locked;
  if not found then
    return 0;
  end if;
  if not exists (
    select from offload.managed_table t join pg_catalog.pg_class c on c.oid = t.relation
    where t.id = v_rewrite.managed_table and t.detached_at is null) then
    delete from offload.rewrite r where r.store = v_rewrite.store and r.managed_table = v_rewrite.managed_table;
    return 1;
  end if;
  execute pg_catalog.format(
    $scan$
      with scanned as materialized (
        select s.*, pg_catalog.row_number() over (order by s.ordinality) as n
        from offload._scan_%1$s($1, null, $2) with ordinality s
      ), looked_at as materialized (
        select pg_catalog.row_number() over (order by s.ordinality) as n, s.key from scanned s where s.worth_a_look <> '{}'
      ), url as materialized (
        select k.key, f.managed_column, f.position, f.row_ctid::text as row_ctid, f.row_xmin::text as row_xmin, f.url, w.becomes as new_url,
          coalesce(w.is_lost, false) as is_lost,
          coalesce(pg_catalog.length(w.becomes) > (
            select a.atttypmod - 4 from pg_catalog.pg_attribute a
            where a.attrelid = e.relation and a.attname = e.url_column and not a.attisdropped and a.atttypmod > 4), false)
            as is_too_long
        from offload._fetch_%1$s((select pg_catalog.jsonb_agg(pg_catalog.to_jsonb(l.key) order by l.n) from looked_at l), -1) f
        join looked_at k on k.n = f.n
        join offload.effective_column e on e.id = f.managed_column
        left join lateral offload._new_url(f.url, $3, $4) w on true
        where f.row_ctid is not null
      ), fit as (
        select u.*, case when u.new_url is null or u.is_too_long then u.url else u.new_url end as wish from url u
      ), column_ as (
        select f.key, f.row_ctid, f.row_xmin, f.managed_column,
          case when max(f.position) = 0 then pg_catalog.jsonb_build_object('url', max(f.wish))
            else pg_catalog.jsonb_build_object('urls', pg_catalog.jsonb_agg(f.wish order by f.position)) end as wish
        from fit f
        group by f.key, f.row_ctid, f.row_xmin, f.managed_column
        having pg_catalog.bool_or(f.wish is distinct from f.url)
      ), row_ as (
        select c.key, c.row_ctid, c.row_xmin, pg_catalog.jsonb_object_agg(c.managed_column, c.wish) as columns
        from column_ c
        group by c.key, c.row_ctid, c.row_xmin
      )
      select
        (select s.key from scanned s order by s.n desc limit 1),
        (select count(*) from scanned),
        (select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('n', r.n, 'key', r.key, 'ctid', r.row_ctid,
          'xmin', r.row_xmin, 'columns', r.columns))
          from (select pg_catalog.row_number() over () as n, r.* from row_ r) r),
        (select count(*) filter (where u.is_lost) from url u),
        (select count(*) filter (where u.is_too_long) from url u)
    $scan$,
    v_rewrite.managed_table)
    into v_last, v_seen, v_rows, v_lost, v_long
    using pg_catalog.to_jsonb(v_rewrite.after_key), rewrite_batch.batch, v_rewrite.store, v_rewrite.target;

  if v_rows is not null then
    -- The sweep is told that it has seen these versions.
    execute pg_catalog.format(
      $write$
        with outcome as materialized (
          select w.n, w.outcome, w.row_xmin from offload._write_back_%1$s($1, '{}') w
        ), row_ as (
          select array(select pg_catalog.jsonb_array_elements_text(r.key)) as key, r.xmin, o.outcome, o.row_xmin
          from pg_catalog.jsonb_to_recordset($1) r (n int, key jsonb, xmin text)
          join outcome o on o.n = r.n
        ), seen as (
          update offload.item i set
            row_version = r.row_xmin, store = case when i.store = $2 then $3 else i.store end
          from row_ r, offload.managed_column c
          where c.managed_table = %1$s and c.detached_at is null and i.managed_column = c.id and i.key = r.key
            and i.row_version::text = r.xmin and r.outcome = 'written'
        )
        select count(*) filter (where r.outcome = 'written'), count(*) filter (where r.outcome in ('locked', 'changed'))
        from row_ r
      $write$,
      v_rewrite.managed_table)
      into v_written, v_busy
      using v_rows, v_rewrite.store, v_rewrite.target;
  end if;

  update offload.rewrite r set
    after_key = case when n.is_over then null else v_last end,
    written = r.written + v_written,
    busy = case when n.is_over then 0 else n.busy end,
    left_behind = case when n.is_over and n.busy > 0 then 0 else r.left_behind + v_lost + v_long end,
    detail = case
      when v_long > 0 then 'the new URLs are too long for the URL column'
      when v_lost > 0 then 'the objects are not in the store that they should have moved to'
      else r.detail end,
    ready_at = case when n.is_over and n.busy > 0 then pg_catalog.clock_timestamp() + interval '500 milliseconds'
      else r.ready_at end,
    state = case when n.is_over and n.busy = 0 then 'complete' else 'pending' end,
    finished_at = case when n.is_over and n.busy = 0 then pg_catalog.clock_timestamp() end
  from (values (v_seen < rewrite_batch.batch, v_rewrite.busy + v_busy)) n (is_over, busy)
  where r.store = v_rewrite.store and r.managed_table = v_rewrite.managed_table;
  return greatest(v_seen, 1);
end;
$$;

comment on function offload.rewrite_batch(int) is
$$Write the URLs of the next rows anew, where a rewrite is under way; returns how many were looked at, 0 when there is
nothing to do.

batch: at most so many rows are looked at$$;
revoke execute on function offload.rewrite_batch(int) from public;
