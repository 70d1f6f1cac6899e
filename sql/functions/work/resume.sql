-- Go on with what was paused, and with all that was queued meanwhile.

create or replace function offload.resume(relation regclass default null, column_name text default null)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_resumed bigint;
begin
  if resume.relation is not null then
    perform offload._refuse_unmanaged(resume.relation, resume.column_name);
  end if;
  update offload.managed_column c set paused_at = null
  from offload.managed_table t
  where t.id = c.managed_table and c.paused_at is not null
    and (resume.relation is null or t.relation = resume.relation)
    and (resume.column_name is null or c.column_name = resume.column_name);
  get diagnostics v_resumed = row_count;
  update offload.job j set ready_at = pg_catalog.clock_timestamp()
  where j.lease is null and j.died_at is null and j.ready_at = 'infinity'
    and not exists (
      select from offload.managed_column c
      where c.managed_table = j.managed_table and c.detached_at is null and c.paused_at is not null);
  perform offload._ring();
  return v_resumed;
end;
$$;

comment on function offload.resume(regclass, text) is
$$Go on with what was paused; returns how many columns were. A table goes on once none of its columns is paused.

relation: only this table's columns; null: all
column_name: only this one of them; null: all$$;
revoke execute on function offload.resume(regclass, text) from public;
