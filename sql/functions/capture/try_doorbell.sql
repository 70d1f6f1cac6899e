-- The listener's try for the doorbell's lock; who cannot have it is told who holds it.

create or replace function offload._try_doorbell()
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  select case
    -- While no listener holds the lock, no producer rings: the setting needs nothing of the triggers.
    when exists (select from offload.setting s where s.name = 'doorbell' and s.value <> 'on') then 'off'
    when pg_catalog.pg_try_advisory_lock(offload._doorbell(), 1) then 'taken'
    when exists (
      select from pg_catalog.pg_locks l
      where l.locktype = 'advisory' and l.classid = offload._doorbell()::oid and l.objid = 1 and l.objsubid = 2
        and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
        and l.mode = 'ExclusiveLock' and l.granted)
    then 'listener'
    else 'producer'
  end;
$$;

comment on function offload._try_doorbell() is
$$The listener's try for the doorbell's lock: taken; or it is held by another listener, or by a producer; or off, where
the setting doorbell says so.$$;
revoke execute on function offload._try_doorbell() from public;
