-- The id of a managed table, or an error that says how to attach it.

create or replace function offload._managed_table(relation regclass)
returns int
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table int := (
    select t.id from offload.managed_table t where t.relation = _managed_table.relation and t.detached_at is null);
begin
  if v_table is null then
    raise exception using
      errcode = 'OF006', message = pg_catalog.format('table %s is not managed', _managed_table.relation),
      hint = pg_catalog.format('Attach a column of it: select offload.attach(%L, …);', _managed_table.relation::text);
  end if;
  return v_table;
end;
$$;

comment on function offload._managed_table(regclass) is
$$The id of a managed table, or an error.

relation: the table$$;
revoke execute on function offload._managed_table(regclass) from public;
