-- The AFTER trigger of a managed table for UPDATE: what became of the row's key, URL and source.
--
-- Its rights are the table owner's. As in the capture of an INSERT, expressions are few, and one decides between the
-- ways: 2 the row has no URL and is to be looked at, 3 so it is, unless this is the write-back's own statement, 4 it has
-- another key, 0 none of these. Only then, and only where the row has no URL, the values are compared: a URL that stays
-- says that the source did, or the guard would have taken it away. A change of length is counted all the same (1), as the
-- write-back makes it.

create or replace function offload._change_source(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with column_ as (
    select
      c.id, offload._field(c.column_name) as source, offload._field(c.url_column) as url, c.column_type,
      offload._source_bytes('new', c.column_name, c.column_type) as new_bytes,
      offload._source_bytes('old', c.column_name, c.column_type) as old_bytes,
      offload._begins_otherwise(c.column_name, c.column_type) || offload._is_changed(c.column_name, c.column_type) as is_changed,
      offload._least_source(c.column_type) as least
    from offload.managed_column c
    where c.managed_table = _change_source.managed_table and c.detached_at is null
  ), part as (
    select
      pg_catalog.string_agg(pg_catalog.format(
        'new.%1$s collate "C" is distinct from old.%1$s collate "C" or (new.%1$s is null and %2$s)',
        c.url, pg_catalog.format(
          case when c.column_type like '%[]' then 'pg_catalog.pg_column_size(new.%1$s) is distinct from pg_catalog.pg_column_size(old.%1$s)'
            else 'pg_catalog.octet_length(new.%1$s) is distinct from pg_catalog.octet_length(old.%1$s)' end, c.source)),
        E'\n        or ' order by c.id) as look,
      pg_catalog.string_agg(pg_catalog.format('(new.%1$s is null and (%2$s))', c.url, c.is_changed),
        E'\n      or ' order by c.id) as is_changed,
      pg_catalog.string_agg(pg_catalog.format(
        '(new.%1$s is null) <> (old.%1$s is null) or %2$s <> %3$s', c.url, c.new_bytes, c.old_bytes),
        ' or ' order by c.id) as counts,
      pg_catalog.string_agg(pg_catalog.format(
        '(%1$s, tg_relid, 0, (new.%2$s is not null)::int - (old.%2$s is not null)::int, '
        '(%3$s >= %5$s)::int - (%4$s >= %5$s)::int, '
        '(new.%2$s is not null and %3$s >= %5$s)::int - (old.%2$s is not null and %4$s >= %5$s)::int, %3$s - %4$s)',
        c.id, c.url, c.new_bytes, c.old_bytes, c.least), ', ' order by c.id) as count,
      pg_catalog.string_agg(pg_catalog.format('new.%s is not null', c.url), ' or ' order by c.id) as brings_url,
      pg_catalog.string_agg(pg_catalog.format(
        '(%1$s, tg_relid, 0, -(old.%2$s is not null)::int, (%3$s >= %5$s)::int - (%4$s >= %5$s)::int, '
        '-(old.%2$s is not null and %4$s >= %5$s)::int, %3$s - %4$s)',
        c.id, c.url, c.new_bytes, c.old_bytes, c.least), ', ' order by c.id) as count_plain
    from column_ c
  )
  select pg_catalog.format(
    $change$
create or replace function offload._change_%1$s()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp%2$s
as $body$
declare
  v_way int;
begin
  -- Reads and no writes in this block: a write here would take a transaction id of its own for each row.
  begin
    v_way := case
      when %10$s < 0 then null
      when %9$s then 4
      when %5$s
        then case when %11$s or pg_catalog.current_setting('offload.write_back', true) <> '' then 3 else 2 end
      else 0 end;
  exception when undefined_column then
    v_way := null;
  end;
  if v_way = 2 then
    with counted as (
      insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
      values %12$s
    )
    insert into offload.arrival (managed_table, key) values (%1$s, %3$s);%8$s
    return null;
  end if;
  if v_way = 0 then
    v_way := case when %13$s then 3 when %6$s then 1 end;
    if v_way is null then
      return null;
    end if;
  end if;
  if v_way is null then
    -- A column was renamed: the whole table is to be looked at.
    insert into offload.arrival (managed_table, key) values (%1$s, null);%8$s
    return null;
  end if;
  if %6$s then
    insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
    values %7$s;
  end if;
  if v_way = 3 then
    if not exists (
      select from offload.managed_table t
      where t.id = %1$s and t.mark::text = pg_catalog.current_setting('offload.write_back', true)) then
      insert into offload.arrival (managed_table, key) values (%1$s, %3$s);%8$s
    end if;
  elsif v_way = 4 then
    insert into offload.arrival (managed_table, key) values (%1$s, %3$s), (%1$s, %4$s);%8$s
  end if;
  return null;
end;
$body$;$change$,
    t.id, offload._pinned_settings(t.relation), offload._key_text(t.id, 'new'), offload._key_text(t.id, 'old'),
    part.look, part.counts, part.count, offload._ring_source(), offload._is_moved(t.id),
    offload._columns_read(t.id, 'new') || ' + ' || offload._columns_read(t.id, 'old'),
    part.brings_url, part.count_plain, part.is_changed)
  from offload.managed_table t cross join part
  where t.id = _change_source.managed_table;
$$;

comment on function offload._change_source(int) is
$$The text of a managed table's AFTER trigger function for UPDATE.

managed_table: its id$$;
revoke execute on function offload._change_source(int) from public;
