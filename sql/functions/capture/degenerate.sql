-- Take back what was generated for a managed table; the table's own things stay.

create or replace function offload._degenerate(managed_table int)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_trigger record;
  v_function regprocedure;
begin
  for v_trigger in
    select t.tgname, t.tgrelid::regclass as relation
    from pg_catalog.pg_trigger t
    where t.tgname in (
        select pg_catalog.format('zz_offload_%s_%s', v.verb, _degenerate.managed_table)
        from (values ('admit'), ('guard'), ('capture'), ('change'), ('truncate')) v (verb))
      and t.tgparentid = 0
  loop
    execute pg_catalog.format('drop trigger %I on %s', v_trigger.tgname, v_trigger.relation);
  end loop;
  for v_function in select f from offload._generated_function(_degenerate.managed_table) f loop
    execute pg_catalog.format('drop function %s', v_function);
  end loop;
end;
$$;

comment on function offload._degenerate(int) is
$$Take back the triggers and functions that were generated for a managed table.

managed_table: its id$$;
revoke execute on function offload._degenerate(int) from public;
