-- Bring what a later store of the chain took over back to the first. By itself nothing moves back.

create or replace function offload.prefer(relation regclass, column_name text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column offload.managed_column := offload._managed(prefer.relation, prefer.column_name);
begin
  perform offload._refuse_outsider();
  update offload.managed_column c set preferred_at = pg_catalog.clock_timestamp() where c.id = v_column.id;
  perform offload._look_again(v_column.managed_table, is_forced => true);
end;
$$;

comment on function offload.prefer(regclass, text) is
$$Bring what a later store of the chain took over back to the first. Each row is tried once: what the first store does
not take now stays where it is.

relation: the table
column_name: the managed column$$;
revoke execute on function offload.prefer(regclass, text) from public;
