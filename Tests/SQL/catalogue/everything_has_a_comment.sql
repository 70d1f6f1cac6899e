select test.rows($$
  select 'function ' || p.oid::regprocedure from pg_proc p
  where p.pronamespace = 'offload'::regnamespace and obj_description(p.oid, 'pg_proc') is null
  union all
  select 'relation ' || c.oid::regclass from pg_class c
  where c.relnamespace = 'offload'::regnamespace and c.relkind in ('r', 'v') and obj_description(c.oid, 'pg_class') is null
  union all
  select 'type ' || t.oid::regtype from pg_type t join pg_class c on c.oid = t.typrelid and c.relkind = 'c'
  where t.typnamespace = 'offload'::regnamespace and obj_description(t.oid, 'pg_type') is null
  union all
  select 'schema' where obj_description('offload'::regnamespace, 'pg_namespace') is null$$, '{}');
