-- What an UPDATE of a managed table leads to: what became of the row's key, URL and source.
--
-- It comes after the row is written, the guard before it. Where one trigger before does for both (offload._guards_apart), it
-- guards, too (7), and one expression more knows the plain cases apart, of rows that have no URL and get none: nothing is
-- changed, the source has another length (5, where there is but one and it has a source before and after; 2), or other
-- bytes of equal length (6).
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
      pg_catalog.format(n.length, 'new', offload._field(c.column_name)) as new_length,
      pg_catalog.format(n.length, 'old', offload._field(c.column_name)) as old_length,
      offload._begins_otherwise(c.column_name, c.column_type) || offload._is_changed(c.column_name, c.column_type) as is_changed,
      offload._is_changed(c.column_name, c.column_type) as is_unequal,
      offload._least_source(c.column_type) as least, offload._is_stored_apart(c.column_name, c.column_type) as is_stored_apart
    from offload.managed_column c
    cross join lateral (
      select case when c.column_type like '%[]' then 'pg_catalog.pg_column_size(%s.%s)' else 'pg_catalog.octet_length(%s.%s)' end
    ) n (length)
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
        c.id, c.url, c.new_bytes, c.old_bytes, c.least), ', ' order by c.id) as count_plain,
      pg_catalog.string_agg(pg_catalog.format('new.%1$s is not null or old.%1$s is not null', c.url), ' or ' order by c.id) as has_url,
      -- Of one column alone it can be said at once that it has a source, before and after.
      case when count(*) = 1 then pg_catalog.string_agg(pg_catalog.format(
        'when %1$s = %2$s then case when %1$s > 2000 then 7 when %4$s then 6 else 0 end
      when %1$s >= %3$s and %2$s >= %3$s then 5
      when %1$s is distinct from %2$s then 2', c.new_length, c.old_length, c.least, c.is_unequal), '')
      else
        'when ' || pg_catalog.string_agg(c.is_stored_apart, ' or ' order by c.id) || ' then 7
      when ' || pg_catalog.string_agg(pg_catalog.format('%s is distinct from %s', c.new_length, c.old_length), ' or ' order by c.id) || ' then 2
      when ' || pg_catalog.string_agg(c.is_unequal, ' or ' order by c.id) || ' then 6' end as way,
      case when count(*) = 1 then pg_catalog.string_agg(pg_catalog.format(
        '(%1$s, tg_relid, 0, %2$s - %3$s)', c.id, c.new_length, c.old_length), '') end as count_alone
    from column_ c
  ), read_ as (
    select
      offload._columns_read(_change_source.managed_table, 'new') || ' and ' || offload._columns_read(_change_source.managed_table, 'old') as columns,
      pg_catalog.format(
        $way$case
      when %s then 4
      when %s
        then case when %s or pg_catalog.current_setting('offload.write_back', true) <> '' then 3 else 2 end
      else 0 end$way$,
        offload._is_moved(_change_source.managed_table), part.look, part.brings_url) as way
    from part
  ), guard as (
    select not offload._guards_apart(_change_source.managed_table) as is_one
  ), text_ as (
    select
      case when guard.is_one then 'new' else 'null' end as answer,
      case when guard.is_one then pg_catalog.format(
        $before$
    v_way := case%1$s
      when %2$s
        or %3$s
        or pg_catalog.current_setting('offload.write_back', true) <> '' then 7
      %4$s
      else 0 end;
    if v_way <> 5 then
      if v_way = 0 then
        return new;
      end if;
      if v_way = 7 then
        v_is_ours := pg_catalog.current_setting('offload.write_back', true) <> '';
        if v_is_ours then
          v_is_ours := exists (
            select from offload.managed_table t
            where t.id = %5$s and t.mark::text = pg_catalog.current_setting('offload.write_back', true));
        end if;
        if v_is_ours is not true then%6$s
        end if;
        v_way := case when not (%8$s) then null else %7$s end;
      end if;
    end if;$before$,
        -- Of one column alone the plain cases read all there is.
        case when part.count_alone is null then pg_catalog.format(E'\n      when not (%s) then null', read_.columns) else '' end, part.has_url, offload._is_moved(_change_source.managed_table), part.way, _change_source.managed_table,
        offload._guarded_update(_change_source.managed_table), read_.way, read_.columns)
      else pg_catalog.format(E'\n    v_way := case when not (%s) then null else %s end;', read_.columns, read_.way) end as decision,
      case when guard.is_one then pg_catalog.format(
        $plain$%1$s
  if v_way = 6 then
    insert into offload.arrival (managed_table, key) values (%2$s, %3$s);%4$s
    return new;
  end if;$plain$,
        case when part.count_alone is null then '' else pg_catalog.format($alone$
  if v_way = 5 then
    with counted as (
      insert into offload.row_entry (managed_column, leaf, rows, row_bytes) values %1$s
    )
    insert into offload.arrival (managed_table, key) values (%2$s, %3$s);%4$s
    return new;
  end if;$alone$,
          part.count_alone, _change_source.managed_table, offload._key_text(_change_source.managed_table, 'new'), offload._ring_source()) end,
        _change_source.managed_table, offload._key_text(_change_source.managed_table, 'new'), offload._ring_source())
      else '' end as plain
    from part cross join guard cross join read_
  )
  select pg_catalog.format(
    $change$
create or replace function offload._change_%1$s()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp%2$s
-- A plan of its own, as each session's first five statements get, reads every value whole that it is given.
set plan_cache_mode = force_generic_plan
as $body$
declare
  v_way int;
  v_is_ours boolean;
  v_is_changed boolean;
begin
  -- Nothing is written to a table in this block: that would take a transaction id of its own for each row.
  begin%5$s
  exception when undefined_column then
    v_way := null;
  end;%10$s
  if v_way = 2 then
    with counted as (
      insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
      values %11$s
    )
    insert into offload.arrival (managed_table, key) values (%1$s, %3$s);%8$s
    return %9$s;
  end if;
  if v_way = 0 then
    v_way := case when %12$s then 3 when %6$s then 1 end;
    if v_way is null then
      return %9$s;
    end if;
  end if;
  if v_way is null then
    -- A column was renamed: the whole table is to be looked at.
    insert into offload.arrival (managed_table, key) values (%1$s, null);%8$s
    return %9$s;
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
  return %9$s;
end;
$body$;$change$,
    t.id, offload._pinned_settings(t.relation), offload._key_text(t.id, 'new'), offload._key_text(t.id, 'old'),
    text_.decision, part.counts, part.count, offload._ring_source(), text_.answer, text_.plain, part.count_plain, part.is_changed)
  from offload.managed_table t cross join part cross join text_
  where t.id = _change_source.managed_table;
$$;

comment on function offload._change_source(int) is
$$The text of a managed table's trigger function for UPDATE.

managed_table: its id$$;
revoke execute on function offload._change_source(int) from public;
