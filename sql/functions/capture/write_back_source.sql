-- The function that writes URLs, and by policy sources, back into a managed table: the fence against stale URLs.
--
-- The rows are locked first, skipping those that an application holds, in the order of their keys. Only the next
-- statement, which sees what was committed before the locks were had, compares each row with what was fetched: the
-- same version, or else the same bytes. It runs as the table's owner, so that the table's own triggers do, too.
--
-- rows: [{"n", "key", "ctid", "xmin", "columns": {"<managed column>": {"raw", "url" | "urls", "content", "clear"}}}]
-- where raw is the SHA-256 of the column's bytes as fetched (of each element, in an array) and content the place of
-- the new source in contents, from 1 (contents: of each element's, or null). Where the source was gone, was takes raw's
-- place: the URL that stood for it.

create or replace function offload._write_back_source(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with column_ as (
    select
      c.id, offload._field(c.column_name) as column_name, offload._field(c.url_column) as url_column, c.column_type,
      offload._has_source('t', c.column_name, c.column_type) as has_source,
      pg_catalog.format('(r.columns -> %L)', c.id::text) as wish,
      case c.column_type
        when 'text' then pg_catalog.format('pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(t.%s, ''UTF8'')), ''hex'')', offload._field(c.column_name))
        when 'bytea' then pg_catalog.format('pg_catalog.encode(pg_catalog.sha256(t.%s), ''hex'')', offload._field(c.column_name))
      end as hash,
      pg_catalog.format(
        'pg_catalog.to_jsonb(array(select pg_catalog.encode(pg_catalog.sha256(%s), ''hex'') from pg_catalog.unnest(t.%s) with ordinality e (source, position) order by e.position))',
        case c.column_type when 'text[]' then 'pg_catalog.convert_to(e.source, ''UTF8'')' else 'e.source' end, offload._field(c.column_name)) as hashes
    from offload.managed_column c
    where c.managed_table = _write_back_source.managed_table and c.detached_at is null
  ), url as (
    select
      c.*,
      -- A foreign URL that came meanwhile stays; no URL is taken away where it is all there is of the image.
      pg_catalog.format(
        $url$case
          when %1$s is null or (t.%2$s is not null and not offload.lies_in_store(t.%2$s)) then t.%2$s
          when %3$s is null and not %4$s and not %1$s ? 'content' then t.%2$s
          else %3$s
        end$url$,
        c.wish, c.url_column,
        case when c.column_type like '%[]'
          then pg_catalog.format('(case when pg_catalog.jsonb_typeof(%1$s -> ''urls'') = ''array'' then array(select u.url from pg_catalog.jsonb_array_elements_text(%1$s -> ''urls'') with ordinality u (url, position) order by u.position) end)', c.wish)
          else pg_catalog.format('(%s ->> ''url'')', c.wish) end,
        c.has_source) as new_url
    from column_ c
  ), wish as (
    select
      c.*,
      -- A source is cleared only where the URL that stands for it is written.
      case when c.column_type like '%[]' then pg_catalog.format(
        $contents$case
          when %1$s ? 'contents' then array(
            select case when i.content is null then e.source else %2$s end
            from pg_catalog.unnest(t.%3$s) with ordinality e (source, position)
            left join pg_catalog.jsonb_array_elements_text(%1$s -> 'contents') with ordinality i (content, position) using (position)
            order by position)
          else t.%3$s
        end$contents$,
        c.wish,
        case c.column_type when 'text[]' then 'pg_catalog.convert_from(contents[i.content::int], ''UTF8'')'
          else 'contents[i.content::int]' end,
        c.column_name)
      else pg_catalog.format(
        $content$case
          when (%1$s ->> 'clear')::boolean and %4$s = %1$s ->> 'url' then null
          when %1$s ? 'content' then %2$s
          else t.%3$s
        end$content$,
        c.wish,
        pg_catalog.format(case c.column_type when 'text' then 'pg_catalog.convert_from(contents[(%s ->> ''content'')::int], ''UTF8'')'
          else 'contents[(%s ->> ''content'')::int]' end, c.wish),
        c.column_name,
        c.new_url) end as new_source
    from url c
  )
  select pg_catalog.format(
    $write$
create or replace function offload._write_back_%1$s(rows jsonb, contents bytea[])
returns table (n int, outcome text, row_xmin xid)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set row_security = off%2$s
as $body$
#variable_conflict use_variable
declare
  v_locked int[];
  v_fresh int[];
  -- Triggers of the table's own may name what they use as the application does: by its search path. It is set while
  -- the update runs, after the update's own names were looked up, so that nothing in that path can stand in for them.
  v_path text := %11$L || (
    select case when s.reset_val = '' then '' else ', ' || s.reset_val end
    from pg_catalog.pg_settings s where s.name = 'search_path');
  -- The ways of the plans are ours too, and given back while the update runs: tables grow from nothing while a worker
  -- runs, and only a way along the key's index is never slow.
  v_ways text[] := array[
    pg_catalog.current_setting('enable_seqscan'), pg_catalog.current_setting('enable_hashjoin'),
    pg_catalog.current_setting('enable_mergejoin'), pg_catalog.current_setting('plan_cache_mode')];
begin
  perform pg_catalog.set_config('lock_timeout', '500ms', true);
  perform pg_catalog.set_config(w.name, 'off', true) from pg_catalog.unnest('{enable_seqscan,enable_hashjoin,enable_mergejoin}'::text[]) w (name);
  perform pg_catalog.set_config('plan_cache_mode', 'force_custom_plan', true);
  v_locked := array(
    select r.n
    from pg_catalog.jsonb_to_recordset(rows) r (n int, key jsonb)
    join %3$s t on %4$s
    order by %5$s
    for no key update of t skip locked);

  for n, outcome, row_xmin in
    select
      r.n,
      case
        when t.tableoid is null then 'gone'
        when r.n <> all (v_locked) then 'locked'
        when (t.ctid = r.ctid and t.xmin::text = r.xmin) or (%6$s) then 'unchanged'
        else 'changed'
      end,
      t.xmin
    from pg_catalog.jsonb_to_recordset(rows) r (n int, key jsonb, ctid tid, xmin text, columns jsonb)
    left join %3$s t on %4$s
  loop
    if outcome = 'unchanged' then
      v_fresh := v_fresh || n;
    else
      return next;
    end if;
  end loop;

  perform pg_catalog.set_config('offload.write_back', (
    select m.mark::text from offload.managed_table m where m.id = %1$s), true);
  -- An update of no row fires the triggers of the statement, too.
  if exists (
    select from pg_catalog.jsonb_to_recordset(rows) r (n int, columns jsonb) where r.n = any (v_fresh) and (%8$s))
  then
  -- Read before the update begins, whose triggers may be for the statement.
  return query
    with ways as materialized (
      select pg_catalog.set_config('search_path', v_path, true) as path,
        pg_catalog.set_config('enable_seqscan', v_ways[1], true), pg_catalog.set_config('enable_hashjoin', v_ways[2], true),
        pg_catalog.set_config('enable_mergejoin', v_ways[3], true), pg_catalog.set_config('plan_cache_mode', v_ways[4], true)
    ), wish as (
      select r.n, r.key, t.xmin, %7$s
      from pg_catalog.jsonb_to_recordset(rows) r (n int, key jsonb, columns jsonb)
      join %3$s t on %4$s
      where r.n = any (v_fresh) and (%8$s)
    ), written as (
      update %3$s t set %9$s
      from wish r
      where %4$s and r.is_wanted
      returning r.n, t.xmin
    )
    select null::int, null, null::xid from ways w where w.path is null
    union all
    select r.n, 'unchanged', r.xmin from wish r where not r.is_wanted
    union all
    select w.n, 'written', w.xmin from written w;
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  end if;%10$s
  perform pg_catalog.set_config('enable_seqscan', v_ways[1], true), pg_catalog.set_config('enable_hashjoin', v_ways[2], true),
    pg_catalog.set_config('enable_mergejoin', v_ways[3], true), pg_catalog.set_config('plan_cache_mode', v_ways[4], true);
  perform pg_catalog.set_config('offload.write_back', '', true);
end;
$body$;$write$,
    t.id,
    offload._pinned_settings(t.relation),
    offload._table_expression(t.relation),
    offload._key_join(t.relation, 't', 'r.key'),
    (select pg_catalog.string_agg(pg_catalog.format('t.%s', offload._field(k.name)), ', ' order by k.ordinal) from offload._key_part(t.relation) k),
    (
      select pg_catalog.string_agg(
        -- A column of which nothing was made was seen without a value: is there one now, another look shall tell.
        pg_catalog.format(
          '(case when %1$s is null then %2$s and t.%3$s is null else %4$s end)', w.wish,
          case when w.column_type like '%[]' then pg_catalog.format('not (%s)', w.has_source)
            else pg_catalog.format('t.%s is null', w.column_name) end,
          w.url_column,
          case when w.column_type like '%[]' then pg_catalog.format('%1$s -> ''raw'' = %2$s', w.wish, w.hashes)
            else pg_catalog.format(
              'case when %1$s ? ''was'' then t.%3$s is null and t.%4$s = %1$s ->> ''was'' else %1$s ->> ''raw'' = %2$s end',
              w.wish, w.hash, w.column_name, w.url_column) end),
        E'\n          and ' order by w.id)
      from wish w
    ),
    (
      select pg_catalog.string_agg(pg_catalog.format('%s as url_%s', w.new_url, w.id), E',\n        ' order by w.id)
        || E',\n        '
        || pg_catalog.string_agg(pg_catalog.format('(%s) is distinct from t.%s', w.new_url, w.url_column), E'\n          or ' order by w.id)
        || ' as is_wanted'
      from wish w
    ),
    'not ' || offload._wants_source('r.columns'),
    (select pg_catalog.string_agg(pg_catalog.format('%s = r.url_%s', w.url_column, w.id), ', ' order by w.id) from wish w),
    (
      -- Apart, so that a URL alone does not fire the triggers that wait for the source.
      select pg_catalog.format(
        $source$
  if exists (
    select from pg_catalog.jsonb_to_recordset(rows) r (n int, columns jsonb) where r.n = any (v_fresh) and %4$s)
  then
  perform pg_catalog.set_config(w.name, 'off', true) from pg_catalog.unnest('{enable_seqscan,enable_hashjoin,enable_mergejoin}'::text[]) w (name);
  perform pg_catalog.set_config('plan_cache_mode', 'force_custom_plan', true);
  return query
    with ways as materialized (
      select pg_catalog.set_config('search_path', v_path, true) as path,
        pg_catalog.set_config('enable_seqscan', v_ways[1], true), pg_catalog.set_config('enable_hashjoin', v_ways[2], true),
        pg_catalog.set_config('enable_mergejoin', v_ways[3], true), pg_catalog.set_config('plan_cache_mode', v_ways[4], true)
    ), wish as (
      select r.n, r.key, %1$s
      from pg_catalog.jsonb_to_recordset(rows) r (n int, key jsonb, columns jsonb)
      join %2$s t on %3$s
      where r.n = any (v_fresh) and %4$s
    ), written as (
      update %2$s t set %5$s
      from wish r
      where %3$s
      returning r.n, t.xmin
    )
    select null::int, null, null::xid from ways w where w.path is null
    union all
    select w.n, 'written', w.xmin from written w;
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  end if;$source$,
        pg_catalog.string_agg(pg_catalog.format('%s as url_%s', w.new_url, w.id), E',\n        ' order by w.id)
          || E',\n        '
          || pg_catalog.string_agg(pg_catalog.format('%s as source_%s', w.new_source, w.id), E',\n        ' order by w.id),
        offload._table_expression(t.relation),
        offload._key_join(t.relation, 't', 'r.key'),
        offload._wants_source('r.columns'),
        pg_catalog.string_agg(pg_catalog.format('%s = r.url_%s', w.url_column, w.id), ', ' order by w.id)
          || ', '
          || pg_catalog.string_agg(pg_catalog.format('%s = r.source_%s', w.column_name, w.id), ', ' order by w.id))
      from wish w
    ),
    (
      select pg_catalog.quote_ident(s.nspname)
      from pg_catalog.pg_class c join pg_catalog.pg_namespace s on s.oid = c.relnamespace
      where c.oid = t.relation
    ))
  from offload.managed_table t
  where t.id = _write_back_source.managed_table;
$$;

comment on function offload._write_back_source(int) is
$$The text of the function that writes URLs and sources back into a managed table.

managed_table: its id$$;
revoke execute on function offload._write_back_source(int) from public;
