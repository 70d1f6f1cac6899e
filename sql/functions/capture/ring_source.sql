-- The statement by which a trigger wakes a listener that dozes.
--
-- Shared: a listener is awake and will look again before it dozes. Not to be had: it dozes, and is rung for.

create or replace function offload._ring_source()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when coalesce((select s.value from offload.setting s where s.name = 'doorbell'), 'on') = 'on' then
    pg_catalog.format(
      $ring$
    if not pg_catalog.pg_try_advisory_xact_lock_shared(%s, 1) then
      perform pg_catalog.pg_notify('offload', '');
    end if;$ring$,
      offload._doorbell())
    else '' end;
$$;

comment on function offload._ring_source() is
'The statement by which a trigger wakes a listener that dozes; empty where the setting doorbell says so.';
revoke execute on function offload._ring_source() from public;
