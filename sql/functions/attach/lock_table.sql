-- Lock a table of the application's within the caller's lock_timeout, or say who stands in the way.
--
-- Its backfill first, as a worker does that takes a batch: nothing is counted under columns that are being changed.

create or replace function offload._lock_table(relation regclass, mode text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from offload.backfill b
  join offload.managed_table t on t.id = b.managed_table
  where t.relation = _lock_table.relation and t.detached_at is null
  for update of b;
  execute pg_catalog.format('lock table %s in %s mode', _lock_table.relation, _lock_table.mode);
exception when lock_not_available then
  raise exception using
    errcode = 'OF012', message = pg_catalog.format('table %s could not be locked within 2 s', _lock_table.relation),
    hint = pg_catalog.format(
      'Try again. Who holds it: select pid, query from pg_stat_activity where pid in (select pid from pg_locks where relation = %L::regclass);',
      _lock_table.relation::text);
end;
$$;

comment on function offload._lock_table(regclass, text) is
$$Lock a table, or say who stands in the way.

relation: the table
mode: as in LOCK TABLE$$;
revoke execute on function offload._lock_table(regclass, text) from public;
