select test.shop();
select test.rows($$
  select c.relname, a.privilege_type from pg_class c, aclexplode(c.relacl) a
  where c.relnamespace = 'offload'::regnamespace and a.grantee = 0 order by 1$$,
  array['error_code|SELECT', 'refusal_reason|SELECT', 'url_prefix|SELECT']);
select test.rows($$select a.privilege_type from pg_namespace n, aclexplode(n.nspacl) a where n.nspname = 'offload' and a.grantee = 0$$, array['USAGE']);
select test.rows($$select attrelid::regclass::text from pg_attribute where attacl is not null and attrelid in (select oid from pg_class where relnamespace = 'offload'::regnamespace)
  and exists (select from aclexplode(attacl) a where a.grantee = 0)$$, '{}', 'no column either');
