-- Wake a worker that dozes, for work that no trigger appends. Without it the work is found, too, some seconds later.

create or replace function offload._ring()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce((select s.value from offload.setting s where s.name = 'doorbell'), 'on') = 'on'
    and not pg_catalog.pg_try_advisory_xact_lock_shared(offload._doorbell(), 1) then
    perform pg_catalog.pg_notify('offload', '');
  end if;
end;
$$;

comment on function offload._ring() is 'Wake a worker that dozes, for work that no trigger appends.';
revoke execute on function offload._ring() from public;
