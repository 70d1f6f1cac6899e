-- An error that says how to attach, unless the table, or one column of it, is managed.

create or replace function offload._refuse_unmanaged(relation regclass, column_name text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if _refuse_unmanaged.column_name is not null then
    perform offload._managed(_refuse_unmanaged.relation, _refuse_unmanaged.column_name);
  elsif not exists (
    select from offload.managed_table t where t.relation = _refuse_unmanaged.relation and t.detached_at is null)
  then
    raise exception using
      errcode = 'OF006', message = pg_catalog.format('table %s is not managed', _refuse_unmanaged.relation),
      hint = pg_catalog.format('Attach a column of it: select offload.attach(%L, …);', _refuse_unmanaged.relation::text);
  end if;
end;
$$;

comment on function offload._refuse_unmanaged(regclass, text) is
$$An error, unless the table or the column of it is managed.

relation: the table
column_name: the column; null: any$$;
revoke execute on function offload._refuse_unmanaged(regclass, text) from public;
