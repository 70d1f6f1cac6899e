-- Give a view that was made anew what its predecessor had, as far as roles and columns are still there.

create or replace function offload._restore_view_facts(view_ regclass, facts jsonb)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_right record;
  v_comment record;
  v_owner name := (
    select r.rolname from pg_catalog.pg_roles r where r.rolname = _restore_view_facts.facts ->> 'owner');
begin
  if v_owner is not null and pg_catalog.pg_has_role(v_owner, 'MEMBER') and pg_catalog.has_schema_privilege(
    v_owner, (select c.relnamespace from pg_catalog.pg_class c where c.oid = _restore_view_facts.view_), 'CREATE') then
    execute pg_catalog.format('alter view %s owner to %I', _restore_view_facts.view_, v_owner);
  end if;
  for v_right in
    select r.privilege, r.grantable,
      case when r."column" is not null then pg_catalog.format(' (%I)', r."column") else '' end as column_,
      case when r.grantee is null then 'public' else pg_catalog.quote_ident(r.grantee) end as grantee
    from pg_catalog.jsonb_to_recordset(_restore_view_facts.facts -> 'rights') r (
      "column" text, privilege text, grantable boolean, grantee text)
    where (r.grantee is null or exists (select from pg_catalog.pg_roles o where o.rolname = r.grantee))
      and (r."column" is null or exists (
        select from pg_catalog.pg_attribute a where a.attrelid = _restore_view_facts.view_ and a.attname = r."column"))
  loop
    execute pg_catalog.format('grant %s%s on %s to %s%s', v_right.privilege, v_right.column_, _restore_view_facts.view_,
      v_right.grantee, case when v_right.grantable then ' with grant option' else '' end);
  end loop;
  if _restore_view_facts.facts ->> 'comment' !~ ' kept by pg_offload$' then
    execute pg_catalog.format('comment on view %s is %L', _restore_view_facts.view_, _restore_view_facts.facts ->> 'comment');
  end if;
  for v_comment in
    select c.key, c.value
    from pg_catalog.jsonb_each_text(_restore_view_facts.facts -> 'comments') c
    join pg_catalog.pg_attribute a on a.attrelid = _restore_view_facts.view_ and a.attname = c.key
  loop
    execute pg_catalog.format('comment on column %s.%I is %L', _restore_view_facts.view_, v_comment.key, v_comment.value);
  end loop;
end;
$$;

comment on function offload._restore_view_facts(regclass, jsonb) is
$$Give a view that was made anew what its predecessor had.

view_: the view
facts: as _view_facts returns them$$;
revoke execute on function offload._restore_view_facts(regclass, jsonb) from public;
