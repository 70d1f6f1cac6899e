-- The managed column of a table, or an error that says how to attach it.

create or replace function offload._managed(relation regclass, column_name text)
returns offload.managed_column
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column offload.managed_column;
begin
  select c.* into v_column
  from offload.managed_column c
  join offload.managed_table t on t.id = c.managed_table
  where t.relation = _managed.relation and c.column_name = _managed.column_name
    and c.detached_at is null and t.detached_at is null;
  if not found then
    raise exception using
      errcode = 'OF006',
      message = pg_catalog.format('column %I of table %s is not managed', _managed.column_name, _managed.relation),
      hint = pg_catalog.format('Attach it: select offload.attach(%L, %L);', _managed.relation::text, _managed.column_name);
  end if;
  return v_column;
end;
$$;

comment on function offload._managed(regclass, text) is
$$The managed column of a table, or an error.

relation: the table
column_name: the column$$;
revoke execute on function offload._managed(regclass, text) from public;
