-- Forget a store that holds nothing.

create or replace function offload.drop_store(name text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_store int := (offload._store(drop_store.name)).id;
  v_holds bigint;
  v_column text;
begin
  -- Only an upload that begins now could come between, and its foreign key makes the deletion below fail.
  v_holds := (select count(*) from offload.replica r where r.store = v_store);
  if v_holds > 0 then
    raise exception using
      errcode = 'OF017', message = pg_catalog.format('store "%s" holds %s objects', drop_store.name, v_holds),
      hint = pg_catalog.format('Have them moved into another store: select offload.drain_store(%L, target => ''…'');', drop_store.name);
  end if;
  v_column := (
    select pg_catalog.format('%s.%s', t.relation, c.column_name)
    from offload.managed_column c
    join offload.managed_table t on t.id = c.managed_table
    where c.detached_at is null
      and (c.local_store = v_store or exists (
        select from offload.chain h where h.managed_column = c.id and h.store = v_store))
    order by c.id
    limit 1);
  if v_column is not null then
    raise exception using
      errcode = 'OF017', message = pg_catalog.format('store "%s" is named by managed column %s', drop_store.name, v_column),
      hint = 'Give the column other stores with offload.configure.';
  end if;
  delete from offload.chain h where h.store = v_store;
  update offload.managed_column c set local_store = null where c.local_store = v_store;
  delete from offload.store s where s.id = v_store;
end;
$$;

comment on function offload.drop_store(text) is
$$Forget a store that holds nothing and that no managed column names.

name: the store$$;
revoke execute on function offload.drop_store(text) from public;
