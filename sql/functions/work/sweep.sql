-- Look for what no trigger saw: rows that came or changed while triggers were off, and items whose rows are gone. Asked for
-- by a person it is also the word that rows which were left alone, or are a publisher's, are to be offloaded.

create or replace function offload.sweep(relation regclass)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table int := offload._managed_table(sweep.relation);
begin
  update offload.managed_column c set leaves_rows = false
  where c.managed_table = v_table and c.detached_at is null and c.leaves_rows;
  perform offload._begin_backfill(v_table, is_forced => false);
  update offload.backfill b set until_key = null where b.managed_table = v_table;
  insert into offload.arrival (managed_table) values (v_table);
end;
$$;

comment on function offload.sweep(regclass) is
$$Look for what no trigger saw: missing, changed and deleted rows, and those that were left alone when a column was
attached. The worker does it in bounded batches.

relation: the managed table$$;
revoke execute on function offload.sweep(regclass) from public;
