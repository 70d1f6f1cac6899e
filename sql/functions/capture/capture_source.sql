-- The AFTER trigger of a managed table: it appends jobs and counts, and does nothing else.
--
-- Its rights are the table owner's, who may append to both: the application needs no right of ours. The column that
-- a statement left unchanged keeps its URL (the guard sees to that), so equal URLs that are not null need no look at
-- the values.
--
-- Each expression is set up anew in each transaction, and each statement costs an executor: hence few of both, no
-- defaults of variables, and a row's count and its job in one statement. An UPDATE comes here only where a key, a URL
-- or a source changed (offload._is_captured).

create or replace function offload._capture_source(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with column_ as (
    select
      c.id, c.column_name, c.url_column,
      offload._source_bytes('new', c.column_name, c.column_type) as new_bytes,
      offload._source_bytes('old', c.column_name, c.column_type) as old_bytes,
      offload._least_source(c.column_type) as least
    from offload.managed_column c
    where c.managed_table = _capture_source.managed_table and c.detached_at is null
  ), key_ as (
    select
      pg_catalog.string_agg(pg_catalog.format('new.%I::text', k.name), ', ' order by k.ordinal) as new_key,
      pg_catalog.string_agg(pg_catalog.format('old.%I::text', k.name), ', ' order by k.ordinal) as old_key
    from offload.managed_table t
    cross join offload._key_part(t.relation) k
    where t.id = _capture_source.managed_table
  ), part as (
    select
      (select offload._pinned_settings(t.relation) from offload.managed_table t where t.id = _capture_source.managed_table)
        as settings,
      pg_catalog.string_agg(c.id::text, ',' order by c.id) as ids,
      pg_catalog.string_agg(pg_catalog.format(
        E'\n  v_has_url_%1$s boolean;\n  v_had_url_%1$s boolean;\n  v_bytes_%1$s bigint;\n  v_old_bytes_%1$s bigint;', c.id),
        '' order by c.id) as variables,
      pg_catalog.string_agg(pg_catalog.format(
        E'\n      v_has_url_%1$s := new.%2$I is not null;\n      v_bytes_%1$s := %3$s;', c.id, c.url_column, c.new_bytes),
        '' order by c.id) as read_new,
      pg_catalog.string_agg(pg_catalog.format(
        E'\n      v_had_url_%1$s := old.%2$I is not null;\n      v_old_bytes_%1$s := %3$s;', c.id, c.url_column, c.old_bytes),
        '' order by c.id) as read_old,
      pg_catalog.string_agg(pg_catalog.format(
        'case when v_has_url_%1$s then offload.lies_in_store(new.%2$I) else new.%3$I is not null end',
        c.id, c.url_column, c.column_name), ' or ' order by c.id) as look_new,
      pg_catalog.string_agg(pg_catalog.format(
        'not v_has_url_%1$s or new.%2$I is distinct from old.%2$I', c.id, c.url_column), ' or ' order by c.id) as look_both,
      pg_catalog.string_agg(pg_catalog.format(
        'v_had_url_%1$s or v_old_bytes_%1$s >= %2$s', c.id, c.least), ' or ' order by c.id) as look_old,
      pg_catalog.string_agg(pg_catalog.format(
        '(%1$s, tg_relid, 1, v_has_url_%1$s::int, (v_bytes_%1$s >= %2$s)::int, '
        '(v_has_url_%1$s and v_bytes_%1$s >= %2$s)::int, v_bytes_%1$s)', c.id, c.least), ', ' order by c.id) as count_new,
      pg_catalog.string_agg(pg_catalog.format(
        '(%1$s, tg_relid, -1, -v_had_url_%1$s::int, -(v_old_bytes_%1$s >= %2$s)::int, '
        '-(v_had_url_%1$s and v_old_bytes_%1$s >= %2$s)::int, -v_old_bytes_%1$s)', c.id, c.least), ', ' order by c.id) as count_old,
      pg_catalog.string_agg(pg_catalog.format(
        'v_has_url_%1$s <> v_had_url_%1$s or v_bytes_%1$s <> v_old_bytes_%1$s', c.id), ' or ' order by c.id) as counts_both,
      pg_catalog.string_agg(pg_catalog.format(
        '(%1$s, tg_relid, 0, v_has_url_%1$s::int - v_had_url_%1$s::int, '
        '(v_bytes_%1$s >= %2$s)::int - (v_old_bytes_%1$s >= %2$s)::int, '
        '(v_has_url_%1$s and v_bytes_%1$s >= %2$s)::int - (v_had_url_%1$s and v_old_bytes_%1$s >= %2$s)::int, '
        'v_bytes_%1$s - v_old_bytes_%1$s)', c.id, c.least), ', ' order by c.id) as count_both,
      case when coalesce((select s.value from offload.setting s where s.name = 'doorbell'), 'on') = 'on' then
        -- Shared: a listener is awake and will look again before it dozes. Not to be had: it dozes, and is rung for.
        pg_catalog.format(
          $doorbell$
    if not pg_catalog.pg_try_advisory_xact_lock_shared(%s, 1) then
      perform pg_catalog.pg_notify('offload', '');
    end if;$doorbell$,
          offload._doorbell())
      else '' end as ring
    from column_ c
  )
  select pg_catalog.format(
    $capture$
create or replace function offload._capture_%1$s()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp%2$s
as $body$
declare
  v_look boolean;
  v_counts boolean;
  v_key text[];
  v_old_key text[];%4$s
begin
  -- Reads and no writes in the inner blocks: a write there would take a transaction id of its own for each row.
  if tg_op = 'INSERT' then
    begin
      v_key := array[%5$s];%7$s
      v_look := %9$s;
    exception when undefined_column then
      v_look := null;
    end;
    if v_look then
      with counted as (
        insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
        values %12$s
      )
      insert into offload.job (managed_table, key) values (%1$s, v_key);%16$s
      return null;
    end if;
    if not v_look then
      insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
      values %12$s;
      return null;
    end if;
  elsif tg_op = 'UPDATE' then
    begin
      v_key := array[%5$s];
      v_old_key := array[%6$s];%7$s%8$s
      v_look := %10$s;
    exception when undefined_column then
      v_look := null;
    end;
    if v_look then
      -- Nested, because a condition with a query in it costs a query, whichever half decides.
      if pg_catalog.current_setting('offload.write_back', true) <> '' then
        v_look := not exists (
          select from offload.managed_table t
          where t.id = %1$s and t.mark::text = pg_catalog.current_setting('offload.write_back', true));
      end if;
    end if;
    if v_look is not null then
      v_counts := %14$s;
      if v_look and v_counts and v_old_key = v_key then
        with counted as (
          insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
          values %15$s
        )
        insert into offload.job (managed_table, key) values (%1$s, v_key);%16$s
        return null;
      end if;
      if v_counts then
        insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
        values %15$s;
      end if;
      if v_old_key <> v_key then
        insert into offload.job (managed_table, key) values (%1$s, v_key), (%1$s, v_old_key);%16$s
      elsif v_look then
        insert into offload.job (managed_table, key) values (%1$s, v_key);%16$s
      end if;
      return null;
    end if;
  elsif tg_op = 'DELETE' then
    begin
      v_key := array[%6$s];%8$s
      v_look := %11$s;
    exception when undefined_column then
      v_look := null;
    end;
    if v_look then
      with counted as (
        insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
        values %13$s
      )
      insert into offload.job (managed_table, key) values (%1$s, v_key);%16$s
      return null;
    end if;
    if not v_look then
      insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
      values %13$s;
      return null;
    end if;
  else
    insert into offload.count_entry (managed_column, leaf, is_reset)
    select c.id, tg_relid, true from pg_catalog.unnest('{%3$s}'::int[]) c (id);
  end if;
  -- TRUNCATE, or a column was renamed: the whole table is to be looked at.
  insert into offload.job (managed_table, key) values (%1$s, null);%16$s
  return null;
end;
$body$;$capture$,
    _capture_source.managed_table, part.settings, part.ids, part.variables, key_.new_key, key_.old_key,
    part.read_new, part.read_old, part.look_new, part.look_both, part.look_old,
    part.count_new, part.count_old, part.counts_both, part.count_both, part.ring)
  from key_ cross join part;
$$;

comment on function offload._capture_source(int) is
$$The text of a managed table's AFTER trigger function.

managed_table: its id$$;
revoke execute on function offload._capture_source(int) from public;
