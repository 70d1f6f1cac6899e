-- The condition under which an UPDATE is captured: it changed a key, a URL or a source.
--
-- Postgres evaluates it without calling a function, and follows the columns over a rename. Lengths come before bytes.
-- A row that has its URL and keeps it is not read: the guard takes the URL away where an application changes the source.
-- Only a change of length is counted then, as the write-back makes it.

create or replace function offload._is_captured(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select offload._is_moved(t.id) || (
    select pg_catalog.string_agg(pg_catalog.format(
      ' or new.%1$I collate "C" is distinct from old.%1$I collate "C" or %2$s <> %3$s or (new.%1$I is null and %4$s)',
      c.url_column, offload._source_bytes('new', c.column_name, c.column_type),
      offload._source_bytes('old', c.column_name, c.column_type), offload._is_changed(c.column_name, c.column_type)),
      '' order by c.id)
    from offload.managed_column c
    where c.managed_table = t.id and c.detached_at is null
  )
  from offload.managed_table t
  where t.id = _is_captured.managed_table;
$$;

comment on function offload._is_captured(int) is
$$The condition under which an UPDATE is captured: it changed a key, a URL or a source.

managed_table: its id$$;
revoke execute on function offload._is_captured(int) from public;
