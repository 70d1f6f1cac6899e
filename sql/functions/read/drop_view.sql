-- Take back a managed table's view, and only ours: a view of the name that calls our functions. What people have given
-- it is kept for the next. Who reads the view meanwhile is waited for within the caller's lock_timeout.

create or replace function offload._drop_view(managed_table int)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_view regclass := (
    select pg_catalog.to_regclass(pg_catalog.format('%s.%I', c.relnamespace::regnamespace, t.view_name))
    from offload.managed_table t
    join pg_catalog.pg_class c on c.oid = t.relation
    where t.id = _drop_view.managed_table and t.view_name is not null);
begin
  if exists (
    select
    from pg_catalog.pg_rewrite r
    join pg_catalog.pg_depend d
      on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = r.oid
      and d.refclassid = 'pg_catalog.pg_proc'::regclass
    join pg_catalog.pg_proc p on p.oid = d.refobjid and p.proname = 'media_url'
    where r.ev_class = v_view and p.pronamespace::regnamespace::text = 'offload') then
    update offload.managed_table t set view_facts = offload._view_facts(v_view) where t.id = _drop_view.managed_table;
    execute pg_catalog.format('drop view %s', v_view);
  end if;
exception when lock_not_available then
  raise exception using
    errcode = 'OF012', message = pg_catalog.format('view %s could not be locked within 2 s', v_view),
    hint = pg_catalog.format(
      'Somebody reads it. Try again; who it is: select pid, query from pg_stat_activity where pid in (select pid from pg_locks where relation = %L::regclass);',
      v_view::text);
end;
$$;

comment on function offload._drop_view(int) is
$$Take back a managed table's view, if it is ours.

managed_table: its id$$;
revoke execute on function offload._drop_view(int) from public;
