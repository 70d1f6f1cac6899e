-- The AFTER trigger of a managed table for INSERT, DELETE and TRUNCATE: it appends jobs and counts.
--
-- Its rights are the table owner's, who may append to both: the application needs no right of ours. Each expression is
-- set up anew in each transaction, and each statement costs an executor: hence few of both, no defaults of variables,
-- and a row's count and its job in one statement. Of an INSERT one expression decides between the ways: 0 it is only
-- counted, 1 it is to be looked at, 2 so it is and has no URL, as almost all have, 3 its URL is ours and beside a source,
-- and is taken away.
--
-- That is done here, by an UPDATE within the statement, because a BEFORE trigger keeps COPY from writing many rows at
-- once. Where such an UPDATE could be refused or seen, the guard does it before (offload._guards_inserts).

create or replace function offload._capture_source(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with column_ as (
    select
      c.id, offload._field(c.column_name) as source, offload._field(c.url_column) as url,
      offload._source_bytes('new', c.column_name, c.column_type) as new_bytes,
      pg_catalog.format(
        case when c.column_type like '%[]' then 'pg_catalog.pg_column_size(new.%s)' else 'pg_catalog.octet_length(new.%s)' end,
        offload._field(c.column_name)) as new_length,
      offload._source_bytes('old', c.column_name, c.column_type) as old_bytes,
      offload._source_bytes('t', c.column_name, c.column_type) as row_bytes,
      offload._least_source(c.column_type) as least
    from offload.managed_column c
    where c.managed_table = _capture_source.managed_table and c.detached_at is null
  ), part as (
    select
      pg_catalog.string_agg(c.id::text, ',' order by c.id) as ids,
      pg_catalog.format('greatest(%s)', pg_catalog.string_agg(pg_catalog.format(
        'case when new.%1$s is null then (new.%2$s is not null)::int '
        'when not offload.lies_in_store(new.%1$s) then 0 when %3$s >= %4$s then 3 else 1 end',
        c.url, c.source, c.new_bytes, c.least), E',\n        ' order by c.id)) as way_new,
      pg_catalog.string_agg(pg_catalog.format('new.%s is not null', c.url), ' or ' order by c.id) as brings_url,
      pg_catalog.string_agg(pg_catalog.format('new.%s is not null', c.source), ' or ' order by c.id) as brings_source,
      pg_catalog.string_agg(pg_catalog.format(
        '(%1$s, tg_relid, 1, 0, (%2$s >= %3$s)::int, 0, %2$s)', c.id, c.new_bytes, c.least), ', ' order by c.id) as count_plain,
      -- Of one column alone it can be said at once that it has a source.
      case when count(*) = 1 then pg_catalog.string_agg(pg_catalog.format('%s >= %s', c.new_length, c.least), '') end as is_alone,
      case when count(*) = 1 then pg_catalog.string_agg(pg_catalog.format('(%s, tg_relid, 1, %s)', c.id, c.new_length), '') end as count_alone,
      pg_catalog.string_agg(pg_catalog.format(
        '%1$s = case when offload.lies_in_store(t.%1$s) and %2$s >= %3$s then null else t.%1$s end',
        c.url, c.row_bytes, c.least), ', ' order by c.id) as taken,
      pg_catalog.string_agg(pg_catalog.format(
        'old.%1$s is not null or %2$s >= %3$s', c.url, c.old_bytes, c.least), ' or ' order by c.id) as look_old,
      pg_catalog.string_agg(pg_catalog.format(
        '(%1$s, tg_relid, 1, (new.%2$s is not null)::int, (%3$s >= %4$s)::int, '
        '(new.%2$s is not null and %3$s >= %4$s)::int, %3$s)',
        c.id, c.url, c.new_bytes, c.least), ', ' order by c.id) as count_new,
      pg_catalog.string_agg(pg_catalog.format(
        '(%1$s, tg_relid, -1, -(old.%2$s is not null)::int, -(%3$s >= %4$s)::int, '
        '-(old.%2$s is not null and %3$s >= %4$s)::int, -%3$s)',
        c.id, c.url, c.old_bytes, c.least), ', ' order by c.id) as count_old
    from column_ c
  ), key_ as (
    select
      pg_catalog.string_agg(pg_catalog.format('t.%s %s $%s', offload._field(k.name), k.equals, k.ordinal), ' and ' order by k.ordinal)
        || pg_catalog.format(' and t.ctid operator(pg_catalog.=) $%s', count(*) + 1) as is_row,
      pg_catalog.string_agg(pg_catalog.format('new.%s', offload._field(k.name)), ', ' order by k.ordinal) || ', new.ctid' as new_values
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
-- A plan of its own, as each session's first five statements get, reads every value whole that it is given.
set plan_cache_mode = force_generic_plan
as $body$
declare
  v_way int;
  v_look boolean;
  v_mark text;
  v_table text;
  v_rows bigint;
begin
  -- Reads and no writes in the inner blocks: a write there would take a transaction id of its own for each row.
  if tg_op = 'INSERT' then
    begin
      v_way := case
        when not (%11$s) then null
        when %15$s then 3
        when %16$s then 2%18$s
        else 0 end;
    exception when undefined_column then
      v_way := null;
    end;
    if v_way = 2 then
      with counted as (
        insert into %17$s
      )
      insert into offload.arrival (managed_table, key) values (%1$s, %4$s);%10$s
      return null;
    end if;
    if v_way = 3 then
      v_way := %5$s;
    end if;
    if v_way is not null then
      insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
      values %6$s;
      if v_way = 0 then
        return null;
      end if;
      insert into offload.arrival (managed_table, key) values (%1$s, %4$s);%10$s
      if v_way = 1 then
        return null;
      end if;
      select t.mark::text, case when t.relation = tg_relid then 'only ' else '' end || t.relation::text
      into v_mark, v_table
      from offload.managed_table t where t.id = %1$s;
      if pg_catalog.current_setting('offload.write_back', true) = v_mark then
        return null;
      end if;
      begin
        perform pg_catalog.set_config('offload.write_back', v_mark, true);
        execute 'update ' || v_table || %13$L using %14$s;
        get diagnostics v_rows = row_count;
        perform pg_catalog.set_config('offload.write_back', '', true);
      -- Whatever the table has against it, since it was attached: the write is the application's, and a look at the
      -- table does as well. Each name here stands for its class.
      exception when syntax_error_or_access_rule_violation or integrity_constraint_violation or plpgsql_error
        or object_not_in_prerequisite_state or data_exception or with_check_option_violation then
        v_rows := 0;
      end;
      if v_rows > 0 then
        return null;
      end if;
    end if;
  elsif tg_op = 'DELETE' then
    begin
      v_look := %12$s and (%8$s);
    exception when undefined_column then
      v_look := null;
    end;
    if v_look then
      with counted as (
        insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
        values %9$s
      )
      insert into offload.arrival (managed_table, key) values (%1$s, %7$s);%10$s
      return null;
    end if;
    if not v_look then
      insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
      values %9$s;
      return null;
    end if;
  else
    insert into offload.count_entry (managed_column, leaf, is_reset)
    select c.id, tg_relid, true from pg_catalog.unnest('{%3$s}'::int[]) c (id);
    insert into offload.row_entry (managed_column, leaf, rows, row_bytes)
    select c.id, tg_relid, null, 0 from pg_catalog.unnest('{%3$s}'::int[]) c (id);
  end if;
  -- TRUNCATE, or a column was renamed, or the row could not be updated: the whole table is to be looked at.
  insert into offload.arrival (managed_table, key) values (%1$s, null);%10$s
  return null;
end;
$body$;$capture$,
    t.id, offload._pinned_settings(t.relation), part.ids, offload._key_text(t.id, 'new'), part.way_new,
    part.count_new, offload._key_text(t.id, 'old'), part.look_old, part.count_old, offload._ring_source(),
    offload._columns_read(t.id, 'new'), offload._columns_read(t.id, 'old'),
    pg_catalog.format(' t set %s where %s', part.taken, key_.is_row), key_.new_values,
    part.brings_url, coalesce(part.is_alone, part.brings_source),
    coalesce('offload.row_entry (managed_column, leaf, rows, row_bytes) values ' || part.count_alone,
      'offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes) values ' || part.count_plain),
    case when part.is_alone is not null then pg_catalog.format(E'\n        when %s then 3', part.brings_source) else '' end)
  from offload.managed_table t cross join part cross join key_
  where t.id = _capture_source.managed_table;
$$;

comment on function offload._capture_source(int) is
$$The text of a managed table's AFTER trigger function for INSERT, DELETE and TRUNCATE.

managed_table: its id$$;
revoke execute on function offload._capture_source(int) from public;
