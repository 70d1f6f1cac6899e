-- The AFTER trigger of a managed table: it appends jobs and counts, and does nothing else.
--
-- Its rights are the table owner's, who may append to both: the application needs no right of ours. The column that
-- a statement left unchanged keeps its URL (the guard sees to that), so equal URLs that are not null need no look at
-- the values.

create or replace function offload._capture_source(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with column_ as (
    select
      c.id, c.column_name, c.url_column, c.column_type,
      offload._has_source('new', c.column_name, c.column_type) as has_new,
      offload._has_source('old', c.column_name, c.column_type) as has_old,
      offload._source_bytes('new', c.column_name, c.column_type) as new_bytes,
      offload._source_bytes('old', c.column_name, c.column_type) as old_bytes,
      offload._is_changed(c.column_name, c.column_type) as is_changed
    from offload.managed_column c
    where c.managed_table = _capture_source.managed_table and c.detached_at is null
  ), key_ as (
    select
      pg_catalog.string_agg(pg_catalog.format('new.%I::text', k.name), ', ' order by k.ordinal) as new_key,
      pg_catalog.string_agg(pg_catalog.format('old.%I::text', k.name), ', ' order by k.ordinal) as old_key
    from offload.managed_table t
    cross join offload._key_part(t.relation) k
    where t.id = _capture_source.managed_table
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
  v_is_ours boolean := false;
  v_look boolean := false;
  v_key text[];
  v_old_key text[];%3$s
begin
  if pg_catalog.current_setting('offload.write_back', true) <> '' then
    v_is_ours := exists (
      select from offload.managed_table t
      where t.id = %1$s and t.mark::text = pg_catalog.current_setting('offload.write_back', true));
  end if;
  if tg_op = 'TRUNCATE' then
    insert into offload.count_entry (managed_column, leaf, is_reset)
    select c.id, tg_relid, true from pg_catalog.unnest('{%4$s}'::int[]) c (id);
    v_look := true;
  else
    begin
      -- Reads and no writes: a write in here would take a transaction id of its own for each row.
      if tg_op = 'INSERT' then
        v_key := array[%5$s];%7$s
      elsif tg_op = 'UPDATE' then
        v_key := array[%5$s];
        v_old_key := array[%6$s];%8$s
        v_look := (v_look and not v_is_ours) or v_old_key <> v_key;
      else
        v_key := array[%6$s];%9$s
      end if;
    exception when undefined_column then
      -- A column was renamed: the whole table is to be looked at.
      v_key := null;
      v_look := true;
    end;%10$s
  end if;
  if v_look then
    insert into offload.job (managed_table, key) values (%1$s, v_key);
    if v_old_key <> v_key then
      insert into offload.job (managed_table, key) values (%1$s, v_old_key);
    end if;%11$s
  end if;
  return null;
end;
$body$;$capture$,
    _capture_source.managed_table,
    (select offload._pinned_settings(t.relation) from offload.managed_table t where t.id = _capture_source.managed_table),
    (
      select pg_catalog.string_agg(pg_catalog.format(
        E'\n  v_rows_%1$s int := 0;\n  v_url_%1$s int := 0;\n  v_source_%1$s int := 0;\n  v_both_%1$s int := 0;\n'
        || '  v_bytes_%1$s bigint := 0;',
        c.id), '' order by c.id)
      from column_ c
    ),
    (select pg_catalog.string_agg(c.id::text, ',' order by c.id) from column_ c),
    key_.new_key,
    key_.old_key,
    (
      select pg_catalog.string_agg(pg_catalog.format(
        $insert$
        v_rows_%1$s := 1;
        v_url_%1$s := (new.%2$I is not null)::int;
        v_source_%1$s := (%3$s)::int;
        v_both_%1$s := v_url_%1$s * v_source_%1$s;
        v_bytes_%1$s := %4$s;
        v_look := v_look or case when v_url_%1$s = 0 then new.%5$I is not null else offload.lies_in_store(new.%2$I) end;$insert$,
        c.id, c.url_column, c.has_new, c.new_bytes, c.column_name), '' order by c.id)
      from column_ c
    ),
    (
      select pg_catalog.string_agg(pg_catalog.format(
        $update$
        v_url_%1$s := (new.%2$I is not null)::int - (old.%2$I is not null)::int;
        v_source_%1$s := (%3$s)::int - (%5$s)::int;
        v_both_%1$s := (new.%2$I is not null and %3$s)::int - (old.%2$I is not null and %5$s)::int;
        v_bytes_%1$s := %4$s - %6$s;
        v_look := v_look or new.%2$I is distinct from old.%2$I or (new.%2$I is null and %7$s);$update$,
        c.id, c.url_column, c.has_new, c.new_bytes, c.has_old, c.old_bytes, c.is_changed), '' order by c.id)
      from column_ c
    ),
    (
      select pg_catalog.string_agg(pg_catalog.format(
        $delete$
        v_rows_%1$s := -1;
        v_url_%1$s := -(old.%2$I is not null)::int;
        v_source_%1$s := -(%3$s)::int;
        v_both_%1$s := -(old.%2$I is not null and %3$s)::int;
        v_bytes_%1$s := -%4$s;
        v_look := v_look or old.%2$I is not null or %3$s;$delete$,
        c.id, c.url_column, c.has_old, c.old_bytes), '' order by c.id)
      from column_ c
    ),
    (
      select pg_catalog.string_agg(pg_catalog.format(
        $count$
    if v_rows_%1$s <> 0 or v_url_%1$s <> 0 or v_source_%1$s <> 0 or v_bytes_%1$s <> 0 then
      insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
      values (%1$s, tg_relid, v_rows_%1$s, v_url_%1$s, v_source_%1$s, v_both_%1$s, v_bytes_%1$s);
    end if;$count$,
        c.id), '' order by c.id)
      from column_ c
    ),
    case when coalesce((select s.value from offload.setting s where s.name = 'doorbell'), 'on') = 'on' then
      -- Shared: a listener is awake and will look again before it dozes. Not to be had: it dozes, and is rung for.
      pg_catalog.format(
        $doorbell$
    if not pg_catalog.pg_try_advisory_xact_lock_shared(%s, 1) then
      perform pg_catalog.pg_notify('offload', '');
    end if;$doorbell$,
        offload._doorbell())
    else '' end)
  from key_;
$$;

comment on function offload._capture_source(int) is
$$The text of a managed table's AFTER trigger function.

managed_table: its id$$;
revoke execute on function offload._capture_source(int) from public;
