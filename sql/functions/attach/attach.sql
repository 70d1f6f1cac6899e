-- Put a column of images or files under management.
--
-- Catalogue work only: the rows that are there already are recorded as a range of keys, and workers take them in
-- bounded batches.

create or replace function offload.attach(
  relation regclass,
  column_name text,
  url_column text default null,
  kind text default 'image',
  strategy text default null,
  stores text[] default null,
  local_store text default null,
  threshold bigint default null,
  source_policy text default null,
  originals text default null,
  grace interval default null,
  format text default null,
  max_edge int default null,
  max_bytes bigint default null,
  qualities int[] default null,
  flatten boolean default null,
  background text default null,
  effort text default null,
  accept_truncated boolean default null,
  max_attempts int default null,
  backfill boolean default true,
  view_name text default '{table}_media'
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_source pg_catalog.pg_attribute;
  v_url pg_catalog.pg_attribute;
  v_type text;
  v_holds_urls boolean;
  v_url_column text;
  v_is_added boolean;
  v_relation_name text := (select c.relname from pg_catalog.pg_class c where c.oid = attach.relation);
  v_view_name text := case
    when attach.view_name = '{table}_media' then offload._identifier(v_relation_name, '_media')
    else nullif(attach.view_name, '') end;
  v_stores text[] := attach.stores;
  v_table int;
  v_column int;
  v_effective offload.effective_column;
  v_fires text;
  v_known text;
  v_unknown record;
  v_is_subscribed boolean;
  v_leaving text;
  v_leaves boolean;
  v_neighbours text;
begin
  perform offload._refuse_relation(attach.relation);

  select a.* into v_source from pg_catalog.pg_attribute a
  where a.attrelid = attach.relation and a.attname = attach.column_name and a.attnum > 0 and not a.attisdropped;
  if not found then
    raise exception using
      errcode = 'OF003',
      message = pg_catalog.format('table %s has no column %I', attach.relation, coalesce(attach.column_name, '')),
      hint = 'Its columns are: ' || (
        select pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' order by a.attnum)
        from pg_catalog.pg_attribute a where a.attrelid = attach.relation and a.attnum > 0 and not a.attisdropped) || '.';
  end if;
  v_type := offload._column_type(v_source.atttypid);
  v_holds_urls := exists (
    select from offload.managed_column c join offload.managed_table t on t.id = c.managed_table
    where t.relation = attach.relation and c.url_column = attach.column_name
      and c.detached_at is null and t.detached_at is null);
  if v_type is null or v_source.attgenerated <> '' or v_holds_urls or exists (
    select from offload._key_part(attach.relation) k where k.number = v_source.attnum) then
    raise exception using
      errcode = 'OF004',
      message = pg_catalog.format('column %I of table %s is %s and cannot hold images or files', attach.column_name,
        attach.relation, case
          when v_source.attgenerated <> '' then 'generated'
          when v_holds_urls then 'the URL column of another'
          when v_type is null then 'of type ' || pg_catalog.format_type(v_source.atttypid, v_source.atttypmod)
          else 'part of the primary key' end),
      hint = 'Use a column of type text, varchar, bytea, text[] or bytea[].';
  end if;
  if exists (
    select from offload.managed_column c join offload.managed_table t on t.id = c.managed_table
    where t.relation = attach.relation and c.column_name = attach.column_name
      and c.detached_at is null and t.detached_at is null) then
    raise exception using
      errcode = 'OF005',
      message = pg_catalog.format('column %I of table %s is attached already', attach.column_name, attach.relation),
      hint = pg_catalog.format('Change it: select offload.configure(%L, %L, …);', attach.relation::text, attach.column_name);
  end if;
  if attach.kind is null or attach.kind not in ('image', 'video', 'file') then
    raise exception using
      errcode = 'OF015', message = pg_catalog.format('kind "%s" is not known', attach.kind),
      hint = 'The kinds are image, video and file.';
  end if;

  v_url_column := coalesce(attach.url_column, offload._identifier(
    attach.column_name, case when v_type like '%[]' then '_remote_urls' else '_remote_url' end));
  select a.* into v_url from pg_catalog.pg_attribute a
  where a.attrelid = attach.relation and a.attname = v_url_column and a.attnum > 0 and not a.attisdropped;
  v_is_added := not found;
  if not v_is_added and (
    offload._column_type(v_url.atttypid) is distinct from case when v_type like '%[]' then 'text[]' else 'text' end
    or v_url.attnotnull or v_url.attgenerated <> '' or v_url.attnum = v_source.attnum
    or exists (
      select from offload.managed_column c join offload.managed_table t on t.id = c.managed_table
      where t.relation = attach.relation and v_url_column in (c.url_column, c.column_name)
        and c.detached_at is null and t.detached_at is null)) then
    raise exception using
      errcode = 'OF014',
      message = pg_catalog.format('column %I of table %s cannot hold the URLs of %I', v_url_column, attach.relation,
        attach.column_name),
      hint = pg_catalog.format('It must be a nullable %s column of its own; leave url_column out, and one is added.',
        case when v_type like '%[]' then 'text[]' else 'text or varchar' end);
  end if;

  -- The strongest lock first: a weaker one that grows later could deadlock with a writer.
  perform offload._lock_table(attach.relation, case when v_is_added then 'access exclusive' else 'share row exclusive' end);
  if v_is_added then
    execute pg_catalog.format('alter table %s add column %I %s', attach.relation, v_url_column,
      case when v_type like '%[]' then 'text[]' else 'text' end);
    select a.* into v_url from pg_catalog.pg_attribute a
    where a.attrelid = attach.relation and a.attname = v_url_column and not a.attisdropped;
  end if;

  select t.id into v_table from offload.managed_table t
  where t.relation = attach.relation and t.detached_at is null;
  if v_table is null then
    insert into offload.managed_table as t (relation, relation_name, key_columns, key_types, key_numbers, view_name)
    select
      attach.relation, attach.relation::text, pg_catalog.array_agg(k.name order by k.ordinal), pg_catalog.array_agg(k.type order by k.ordinal),
      pg_catalog.array_agg(k.number order by k.ordinal), v_view_name
    from offload._key_part(attach.relation) k
    returning t.id into v_table;
  elsif attach.view_name is distinct from '{table}_media' then
    perform offload._drop_view(v_table);
    update offload.managed_table t set view_name = v_view_name where t.id = v_table;
  else
    v_view_name := (select t.view_name from offload.managed_table t where t.id = v_table);
  end if;

  -- A row is looked at whole: where one column leaves the older rows alone, no other can have them looked at.
  select pg_catalog.string_agg(pg_catalog.quote_ident(c.column_name), ', ' order by c.id) filter (where c.leaves_rows),
    pg_catalog.string_agg(pg_catalog.quote_ident(c.column_name), ', ' order by c.id) filter (where not c.leaves_rows)
  into v_leaving, v_neighbours
  from offload.managed_column c
  where c.managed_table = v_table and c.detached_at is null;
  v_is_subscribed := offload._is_subscribed(attach.relation);
  v_leaves := attach.backfill is not true or v_is_subscribed or v_leaving is not null;

  begin
    insert into offload.managed_column as c (
      managed_table, column_name, column_number, column_type, url_column, url_number, url_column_added, kind, strategy,
      local_store, threshold, source_policy, originals, grace, format, max_edge, max_bytes, qualities, flatten,
      background, effort, accept_truncated, max_attempts, leaves_rows)
    values (
      v_table, attach.column_name, v_source.attnum, v_type, v_url_column, v_url.attnum, v_is_added, attach.kind,
      attach.strategy, offload._local_store(attach.local_store), attach.threshold, attach.source_policy,
      attach.originals, attach.grace, attach.format, attach.max_edge, attach.max_bytes, attach.qualities,
      attach.flatten, attach.background, attach.effort, attach.accept_truncated, attach.max_attempts, v_leaves)
    returning c.id into v_column;
  exception when check_violation then
    perform offload._refuse_setting(sqlerrm);
  end;

  -- With nothing said, the one remote store that there is will do.
  if v_stores is null and attach.strategy is distinct from 'local_primary' and 1 = (
    select count(*) from offload.store s where s.kind in ('s3', 'cloudinary') and s.disabled_at is null) then
    v_stores := (
      select pg_catalog.array_agg(s.name) from offload.store s where s.kind in ('s3', 'cloudinary') and s.disabled_at is null);
  end if;
  perform offload._set_chain(v_column, coalesce(v_stores, '{}'));
  perform offload._refuse_policy(v_column);
  perform offload._generate(v_table);
  if v_leaves then
    insert into offload.backfill as b (managed_table, state) values (v_table, 'none')
    -- A count that is under way lacks this column.
    on conflict on constraint backfill_pkey do update set started_at = pg_catalog.clock_timestamp()
    where b.state in ('pending', 'sweeping');
  else
    perform offload._begin_backfill(v_table, is_forced => false);
  end if;

  select e.* into v_effective from offload.effective_column e where e.id = v_column;
  v_known := (
    select pg_catalog.string_agg(s.name, ',' order by s.id) from offload.store s
    where s.kind <> 'database' and s.disabled_at is null);
  raise notice using
    message = pg_catalog.format('column %I of table %s is managed: strategy %s%s, source_policy %s, URL in %I%s',
      attach.column_name, attach.relation, v_effective.strategy,
      coalesce(' to ' || (
        select pg_catalog.string_agg(s.name, ', then ' order by h.ordinal)
        from offload.chain h join offload.store s on s.id = h.store where h.managed_column = v_column), ''),
      v_effective.source_policy, v_url_column,
      case when v_view_name is null then '' else pg_catalog.format(', view %I', v_view_name) end),
    hint = pg_catalog.format(case
        when v_effective.strategy <> 'local_primary' or v_effective.local_store is not null
          then 'Change it with select offload.configure(%1$L, %2$L, …). %4$s'
        when v_known is not null
          then 'The values stay in their rows. To have them in a store: select offload.configure(%1$L, %2$L, stores => ''{%3$s}''). %4$s'
        else 'The values stay in their rows. To have them in a store, name one with offload.add_store, then: '
          'select offload.configure(%1$L, %2$L, stores => ''{…}''). %4$s' end,
      attach.relation::text, attach.column_name, v_known, offload._next_step());
  perform offload._tell_refused_access(v_column);
  select s.name, n.url into v_unknown
  from (select offload._unknown_url(attach.relation, v_url_column, offload._column_type(v_url.atttypid))) n (url)
  join offload.store_url u on pg_catalog.starts_with(n.url collate "C", u.prefix)
  join offload.store s on s.id = u.store
  order by pg_catalog.length(u.prefix) desc
  limit 1;
  if found then
    raise notice using
      message = pg_catalog.format('column %I of table %s has URLs that lie in store "%s", which knows no object there: %s',
        v_url_column, attach.relation, v_unknown.name, v_unknown.url),
      hint = pg_catalog.format('If another program stored them, tell them apart from ours before a worker starts: '
        'select offload.configure_store(%L, prefix => ''offload/''); they are foreign then, and stay as they are.',
        v_unknown.name);
  end if;
  if attach.backfill and v_is_subscribed then
    raise notice using
      message = pg_catalog.format('table %s is fed by a subscription: what is there stays for the publisher''s workers',
        attach.relation),
      hint = pg_catalog.format('To have the rows looked at here, too: select offload.sweep(%L);', attach.relation::text);
  elsif attach.backfill and v_leaving is not null then
    raise notice using
      message = pg_catalog.format('the rows that table %s has already are left alone, as they are for column %s',
        attach.relation, v_leaving),
      hint = pg_catalog.format('A row is looked at whole. To have all of them offloaded, in each column: select offload.sweep(%L);',
        attach.relation::text);
  elsif v_leaves and not v_is_subscribed and v_neighbours is not null then
    raise notice using
      message = pg_catalog.format('of the rows that table %s has already, those are offloaded in column %I, too, that are looked at for column %s',
        attach.relation, attach.column_name, v_neighbours),
      hint = 'A row is looked at whole, when an image in it changes or a setting does.';
  end if;
  v_fires := offload._fired_by_write_back(attach.relation);
  if v_fires is not null then
    raise notice using
      message = pg_catalog.format('each URL that is written back to table %s fires: %s', attach.relation, v_fires),
      hint = 'A trigger that must not run then can say: when (old.* is distinct from new.*), or list its own columns in "update of".';
  end if;
end;
$$;

comment on function offload.attach(
  regclass, text, text, text, text, text[], text, bigint, text, text, interval, text, int, bigint, int[], boolean,
  text, text, boolean, int, boolean, text) is
$$Put a column of images or files under management. The application goes on as before.

relation: the table
column_name: the column: text, varchar, bytea, text[] or bytea[]
url_column: where the URL is written; added when missing; default <column>_remote_url
kind: image (compressed), video or file (bytes kept as they are)
strategy: local_primary, s3_primary, hybrid or redundant; default: what the stores allow
stores: names of the remote stores, in the order in which they are tried; default: the only one
local_store: a directory store; default: the row itself
threshold: with hybrid, more decoded bytes than this go to the stores; default 10,000,000
source_policy: keep (default), replace or clear
originals: archive or discard; must be said where the source of an image goes
grace: with clear, how long the source stays after the move; default 7 days
format: smallest (default) or webp
max_edge: the longest side in pixels; default 1024
max_bytes: the largest result; default 500,000
qualities: the ladder of WebP qualities; default {85,75,60,50,40}
flatten: whether transparency is laid on the background; default true
background: the colour under what is transparent; default #ffffff, white
effort: best (default) or fast: half the encoding time, the same likeness, about an eighth more bytes
accept_truncated: whether what can be read of a damaged image is taken, with a note; default false
max_attempts: after how many failures a job is dead; default 10
backfill: whether the rows that are there already are offloaded, too; false: not before offload.sweep is asked for
view_name: the view that answers <column>_url; null or '': none; default <table>_media, or what the table has$$;
revoke execute on function offload.attach(
  regclass, text, text, text, text, text[], text, bigint, text, text, interval, text, int, bigint, int[], boolean,
  text, text, boolean, int, boolean, text) from public;
