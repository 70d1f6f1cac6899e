-- What a set of rights means for one managed table, as data.

create or replace function offload._table_right(managed_table int, kind text)
returns table (privilege text, what text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'execute', 'function ' || f::text
  from offload._called_function(_table_right.managed_table) f
  where _table_right.kind = 'worker'
  union all
  -- For the store that is the rows themselves.
  select 'execute', pg_catalog.format('function offload._fetch_%s(jsonb, bigint)', _table_right.managed_table)
  where _table_right.kind = 'admin'
  union all
  select r.privilege, r.what
  from offload.managed_table t
  join pg_catalog.pg_class c on c.oid = t.relation
  cross join lateral (
    select 'select, insert, update, delete', t.relation::text
    union all
    select 'select', pg_catalog.format('%s.%I', c.relnamespace::regnamespace, t.view_name)
    where t.view_name is not null
    union all
    -- Of serial columns; identities need none.
    select 'usage', 'sequence ' || s.oid::regclass::text
    from pg_catalog.pg_depend d
    join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
    where d.classid = 'pg_catalog.pg_class'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass
      and d.refobjid = t.relation and d.deptype = 'a'
  ) r (privilege, what)
  where _table_right.kind = 'app' and t.id = _table_right.managed_table;
$$;

comment on function offload._table_right(int, text) is
$$What a set of rights means for one managed table.

managed_table: its id
kind: the set$$;
revoke execute on function offload._table_right(int, text) from public;
