-- What people have given a view: its owner, rights on it and on its columns, comments. By names, so that it is true in a
-- restored database, too.

create or replace function offload._view_facts(view_ regclass)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.jsonb_build_object(
    'owner', pg_catalog.pg_get_userbyid(c.relowner),
    'comment', pg_catalog.obj_description(c.oid, 'pg_class'),
    'rights', (
      select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
        'column', a.attname, 'privilege', g.privilege_type, 'grantable', g.is_grantable,
        'grantee', case when g.grantee <> 0 then pg_catalog.pg_get_userbyid(g.grantee) end)), '[]')
      from (
        select null::name as attname, coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner)) as acl
        union all
        select a.attname, a.attacl from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and a.attacl is not null
      ) a
      cross join lateral pg_catalog.aclexplode(a.acl) g
      where g.grantee <> c.relowner),
    'comments', (
      select coalesce(pg_catalog.jsonb_object_agg(a.attname, d.text), '{}')
      from pg_catalog.pg_attribute a
      cross join lateral pg_catalog.col_description(a.attrelid, a.attnum) d (text)
      where a.attrelid = c.oid and a.attnum > 0 and d.text is not null))
  from pg_catalog.pg_class c
  where c.oid = _view_facts.view_;
$$;

comment on function offload._view_facts(regclass) is
$$What people have given a view: owner, rights, comments.

view_: the view$$;
revoke execute on function offload._view_facts(regclass) from public;
