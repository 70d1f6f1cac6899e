-- Look for what no trigger saw: rows that came or changed while triggers were off, and items whose rows are gone.

create or replace function offload.sweep(relation regclass)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table int := offload._managed_table(sweep.relation);
begin
  perform offload._begin_backfill(v_table, is_forced => false);
  update offload.backfill b set until_key = null where b.managed_table = v_table;
  insert into offload.arrival (managed_table) values (v_table);
end;
$$;

comment on function offload.sweep(regclass) is
$$Look for what no trigger saw: missing, changed and deleted rows. The worker does it in bounded batches.

relation: the managed table$$;
revoke execute on function offload.sweep(regclass) from public;
