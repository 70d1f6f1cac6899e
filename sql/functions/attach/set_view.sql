-- Give a managed table's view another name, or take it away.

create or replace function offload._set_view(managed_table int, name text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
  if _set_view.name is not distinct from (
    select t.view_name from offload.managed_table t where t.id = _set_view.managed_table) then
    return;
  end if;
  perform offload._drop_view(_set_view.managed_table);
  update offload.managed_table t set view_name = _set_view.name where t.id = _set_view.managed_table;
  perform offload._generate_view(_set_view.managed_table);
  perform offload._grant_generated(_set_view.managed_table);
end;
$$;

comment on function offload._set_view(int, text) is
$$Give a managed table's view another name, with what the old one was given.

managed_table: its id
name: the new name; null: no view$$;
revoke execute on function offload._set_view(int, text) from public;
