-- Step aside for a change of the table that our triggers or our view would refuse; offload.refresh takes up again.
--
-- Both belong into one transaction: it holds the table, so that nothing is written meanwhile that nobody captures.

create or replace function offload.suspend(relation regclass)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_table int := offload._managed_table(suspend.relation);
  v_trigger name;
begin
  perform offload._refuse_relation(suspend.relation);
  perform offload._lock_table(suspend.relation, 'access exclusive');
  perform offload._drop_view(v_table);
  for v_trigger in
    select t.tgname from pg_catalog.pg_trigger t
    where t.tgrelid = suspend.relation and t.tgparentid = 0
      and t.tgname in (
        pg_catalog.format('zz_offload_guard_%s', v_table), pg_catalog.format('zz_offload_capture_%s', v_table))
  loop
    execute pg_catalog.format('drop trigger %I on %s', v_trigger, suspend.relation);
  end loop;
  raise notice using
    message = pg_catalog.format('nothing that is written to table %s is captured until it is refreshed', suspend.relation),
    hint = pg_catalog.format('In this transaction, after the change: select offload.refresh(%L);', suspend.relation::text);
end;
$$;

comment on function offload.suspend(regclass) is
$$Step aside for a change of the table that is refused because of us: its triggers and its view go. Make the change in
the same transaction, and end it with offload.refresh, which brings both back, with the view's owner, rights and comments.

relation: the managed table$$;
revoke execute on function offload.suspend(regclass) from public;
