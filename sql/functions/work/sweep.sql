-- Look for what no trigger saw: rows that came or changed while triggers were off, and items whose rows are gone.

create or replace function offload.sweep(relation regclass)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table int := (
    select t.id from offload.managed_table t where t.relation = sweep.relation and t.detached_at is null);
begin
  if v_table is null then
    raise exception using
      errcode = 'OF006', message = pg_catalog.format('table %s is not managed', sweep.relation),
      hint = pg_catalog.format('Attach a column of it: select offload.attach(%L, …);', sweep.relation::text);
  end if;
  perform offload._begin_backfill(v_table, is_forced => false);
  update offload.backfill b set until_key = null where b.managed_table = v_table;
  insert into offload.job (managed_table) values (v_table);
end;
$$;

comment on function offload.sweep(regclass) is
$$Look for what no trigger saw: missing, changed and deleted rows. The worker does it in bounded batches.

relation: the managed table$$;
revoke execute on function offload.sweep(regclass) from public;
