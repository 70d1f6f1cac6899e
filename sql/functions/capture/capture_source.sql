-- The AFTER trigger of a managed table for INSERT, DELETE and TRUNCATE: it appends jobs and counts.
--
-- Its rights are the table owner's, who may append to both: the application needs no right of ours. Each expression is
-- set up anew in each transaction, and each statement costs an executor: hence few of both, no defaults of variables,
-- and a row's count and its job in one statement.

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
  ), part as (
    select
      pg_catalog.string_agg(c.id::text, ',' order by c.id) as ids,
      pg_catalog.string_agg(pg_catalog.format(
        'case when new.%1$I is not null then offload.lies_in_store(new.%1$I) else new.%2$I is not null end',
        c.url_column, c.column_name), ' or ' order by c.id) as look_new,
      pg_catalog.string_agg(pg_catalog.format(
        'old.%1$I is not null or %2$s >= %3$s', c.url_column, c.old_bytes, c.least), ' or ' order by c.id) as look_old,
      pg_catalog.string_agg(pg_catalog.format(
        '(%1$s, tg_relid, 1, (new.%2$I is not null)::int, (%3$s >= %4$s)::int, '
        '(new.%2$I is not null and %3$s >= %4$s)::int, %3$s)',
        c.id, c.url_column, c.new_bytes, c.least), ', ' order by c.id) as count_new,
      pg_catalog.string_agg(pg_catalog.format(
        '(%1$s, tg_relid, -1, -(old.%2$I is not null)::int, -(%3$s >= %4$s)::int, '
        '-(old.%2$I is not null and %3$s >= %4$s)::int, -%3$s)',
        c.id, c.url_column, c.old_bytes, c.least), ', ' order by c.id) as count_old
    from column_ c
  ), key_ as (
    -- Always true: it names the key's columns, so that a renamed one is noticed.
    select
      pg_catalog.string_agg(pg_catalog.format('new.%I is not null', k.name), ' and ' order by k.ordinal) as is_new,
      pg_catalog.string_agg(pg_catalog.format('old.%I is not null', k.name), ' and ' order by k.ordinal) as is_old
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
  v_look boolean;
begin
  -- Reads and no writes in the inner blocks: a write there would take a transaction id of its own for each row.
  if tg_op = 'INSERT' then
    begin
      v_look := %11$s and (%5$s);
    exception when undefined_column then
      v_look := null;
    end;
    if v_look then
      with counted as (
        insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
        values %6$s
      )
      insert into offload.job (managed_table, key) values (%1$s, %4$s);%10$s
      return null;
    end if;
    if not v_look then
      insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
      values %6$s;
      return null;
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
      insert into offload.job (managed_table, key) values (%1$s, %7$s);%10$s
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
  end if;
  -- TRUNCATE, or a column was renamed: the whole table is to be looked at.
  insert into offload.job (managed_table, key) values (%1$s, null);%10$s
  return null;
end;
$body$;$capture$,
    t.id, offload._pinned_settings(t.relation), part.ids, offload._key_text(t.id, 'new'), part.look_new,
    part.count_new, offload._key_text(t.id, 'old'), part.look_old, part.count_old, offload._ring_source(),
    key_.is_new, key_.is_old)
  from offload.managed_table t cross join part cross join key_
  where t.id = _capture_source.managed_table;
$$;

comment on function offload._capture_source(int) is
$$The text of a managed table's AFTER trigger function for INSERT, DELETE and TRUNCATE.

managed_table: its id$$;
revoke execute on function offload._capture_source(int) from public;
