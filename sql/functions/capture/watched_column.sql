-- The columns whose values the triggers read: the key, the sources and their URLs.

create or replace function offload._watched_column(managed_table int)
returns table (name text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select k.name
  from offload.managed_table t
  cross join offload._key_part(t.relation) k
  where t.id = _watched_column.managed_table
  union
  select u.name
  from offload.managed_column c
  cross join pg_catalog.unnest(array[c.column_name, c.url_column]) u (name)
  where c.managed_table = _watched_column.managed_table and c.detached_at is null;
$$;

comment on function offload._watched_column(int) is
$$The columns whose values a managed table's triggers read.

managed_table: its id$$;
revoke execute on function offload._watched_column(int) from public;
