create table products (id serial primary key, image text);
create table parts (id int generated always as identity primary key, image text);
create function pg_temp.facts() returns text[] language sql as $$
  select array_agg(f order by f) from (
    select c.oid::regclass || ' ' || a.grantee || ' ' || a.privilege_type
    from pg_class c, aclexplode(c.relacl) a where c.relacl is not null and a.grantee not in (0, c.relowner)
    union all
    select c.oid::regclass || '.' || t.attname || ' ' || a.grantee || ' ' || a.privilege_type
    from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a where a.grantee not in (0, c.relowner)
    union all
    select p.oid::regprocedure || ' ' || a.grantee || ' ' || a.privilege_type
    from pg_proc p, aclexplode(p.proacl) a where a.grantee not in (0, p.proowner)) f (f)
  where f not like 'pg_%';
$$;
select offload.attach('products', 'image');
select coalesce(pg_temp.facts(), array[]::text[]) as before \gset
select offload.grant_role(k, 'spec_stranger') from unnest(array['app', 'analyst', 'worker', 'admin']) k;
select offload.attach('parts', 'image');
select offload.revoke_role('app', 'spec_stranger');
select offload.revoke_role('worker', 'spec_stranger');
select offload.revoke_role('admin', 'spec_stranger');
-- What sets have in common stays with the one that is left.
-- session stranger
set session authorization spec_stranger;
select test.equal((select count(*) from offload.storage_stats), 2);
select test.raises('select * from offload.failures', '42501', 'failures');
select test.raises('select offload.claim()', '42501', 'claim');
select test.raises('select * from public.products', '42501', 'products');
-- session main
select offload.revoke_role('analyst', 'spec_stranger');
select offload.detach('parts', 'image');
select test.equal(coalesce(pg_temp.facts(), array[]::text[]), :'before'::text[]);
select offload.refresh('products');
select test.equal(coalesce(pg_temp.facts(), array[]::text[]), :'before'::text[], 'and nothing grants it again');
-- Whoever owns the things loses nothing of them.
select offload.grant_role(k, 'spec_owner') from unnest(array['app', 'worker', 'admin']) k;
select offload.revoke_role(k, 'spec_owner') from unnest(array['app', 'worker', 'admin']) k;
insert into products (image) values (test.data_uri(1));
select test.equal(test.work(), 'unchanged 1');
select test.equal((select count(*) from products_media), 1);
select test.raises($$select offload.revoke_role('everything', 'spec_app')$$, 'OF020', 'everything', 'analyst');
select offload.revoke_role('app', 'who_is_gone');
