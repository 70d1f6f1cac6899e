-- After how many attempts a job of a table is dead: the most patient of its columns decides.

create or replace function offload._max_attempts(managed_table int)
returns int
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(max(e.max_attempts), 10)
  from offload.effective_column e
  where e.managed_table = _max_attempts.managed_table;
$$;

comment on function offload._max_attempts(int) is
$$After how many attempts a job of a table is dead.

managed_table: its id$$;
revoke execute on function offload._max_attempts(int) from public;
