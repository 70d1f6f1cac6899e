-- Give the generated functions to the table's owner, and the owner what they need.

create or replace function offload._entrust(managed_table int, owner name)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_function regprocedure;
  v_may_create boolean := pg_catalog.has_schema_privilege(_entrust.owner, 'offload', 'CREATE');
  v_installer name := (
    select pg_catalog.pg_get_userbyid(n.nspowner) from pg_catalog.pg_namespace n where n.nspname = 'offload');
begin
  execute pg_catalog.format('grant insert (managed_table, key) on offload.arrival to %I', _entrust.owner);
  execute pg_catalog.format(
    'grant insert (managed_column, leaf, is_reset, rows, with_url, with_source, with_both, row_bytes) on offload.count_entry to %I',
    _entrust.owner);
  execute pg_catalog.format(
    'grant insert (managed_column, leaf, rows, row_bytes) on offload.row_entry to %I', _entrust.owner);
  execute pg_catalog.format('grant select (id, mark, relation) on offload.managed_table to %I', _entrust.owner);
  -- A function's new owner must be able to create in its schema, for this one moment.
  if not v_may_create then
    execute pg_catalog.format('grant create on schema offload to %I', _entrust.owner);
  end if;
  for v_function in select f from offload._generated_function(_entrust.managed_table) f loop
    execute pg_catalog.format('alter function %s owner to %I', v_function, _entrust.owner);
    perform offload._depend_on_extension('function ' || v_function::text);
    execute pg_catalog.format('revoke execute on function %s from public', v_function);
  end loop;
  for v_function in select f from offload._called_function(_entrust.managed_table) f loop
    execute pg_catalog.format('grant execute on function %s to %I', v_function, v_installer);
  end loop;
  if not v_may_create then
    execute pg_catalog.format('revoke create on schema offload from %I', _entrust.owner);
  end if;
end;
$$;

comment on function offload._entrust(int, name) is
$$Give the generated functions to the table's owner.

managed_table: its id
owner: the table's owner$$;
revoke execute on function offload._entrust(int, name) from public;

-- Take back what a table's owner needed, from all whose tables are managed no more.
create or replace function offload._distrust()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_former record;
begin
  for v_former in
    select distinct c.oid::regclass as what, pg_catalog.pg_get_userbyid(g.grantee) as owner
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid
    cross join lateral pg_catalog.aclexplode(a.attacl) g
    where c.oid in (
        'offload.arrival'::regclass, 'offload.count_entry'::regclass, 'offload.row_entry'::regclass,
        'offload.managed_table'::regclass)
      and (c.relname = 'managed_table') = (g.privilege_type = 'SELECT')
      and g.grantee <> 0 and g.grantee <> c.relowner
      -- Generated functions go on with the rights of a former owner, until offload.refresh.
      and not exists (
        select from pg_catalog.pg_proc p where p.pronamespace = c.relnamespace and p.proowner = g.grantee)
  loop
    execute case v_former.what
      when 'offload.arrival'::regclass then 'revoke insert (managed_table, key) on offload.arrival'
      when 'offload.count_entry'::regclass then 'revoke insert (managed_column, leaf, is_reset, rows, with_url, '
        || 'with_source, with_both, row_bytes) on offload.count_entry'
      when 'offload.row_entry'::regclass then 'revoke insert (managed_column, leaf, rows, row_bytes) on offload.row_entry'
      else 'revoke select (id, mark, relation) on offload.managed_table'
    end || pg_catalog.format(' from %I', v_former.owner);
  end loop;
end;
$$;

comment on function offload._distrust() is 'Take back what the triggers of a table needed of its owner, where no table of his is managed any more.';
revoke execute on function offload._distrust() from public;
