-- Let rows wait: what is in flight ends, and what is queued from now on is kept for later.
--
-- A job is a look at a whole row, so all managed columns of a table wait together.

create or replace function offload.pause(relation regclass default null, column_name text default null)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_paused bigint;
begin
  if pause.relation is not null then
    perform offload._refuse_unmanaged(pause.relation, pause.column_name);
  end if;
  update offload.managed_column c set paused_at = pg_catalog.clock_timestamp()
  from offload.managed_table t
  where t.id = c.managed_table and c.detached_at is null and t.detached_at is null and c.paused_at is null
    and (pause.relation is null or t.relation = pause.relation)
    and (pause.column_name is null or c.column_name = pause.column_name);
  get diagnostics v_paused = row_count;
  return v_paused;
end;
$$;

comment on function offload.pause(regclass, text) is
$$Let rows wait until offload.resume; writes go on and queue. Returns how many columns this paused. While one column of
a table is paused all of the table's rows wait, because a job is a look at a whole row.

relation: only this table's columns; null: all that are managed now
column_name: only this one of them; null: all$$;
revoke execute on function offload.pause(regclass, text) from public;
