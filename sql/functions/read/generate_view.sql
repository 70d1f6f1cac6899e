-- Make a managed table's view anew: every column listed, and for each managed one its URL and where it comes from.
--
-- It runs with the rights of who asks, so that row security holds, and reads the row and a public list alone. Who
-- may read the table may read the view, until somebody says otherwise of the view: that is kept.

create or replace function offload._generate_view(managed_table int)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table offload.managed_table;
  v_class pg_catalog.pg_class;
  v_view text;
  v_clash text;
  v_facts jsonb;
  v_grant record;
begin
  select t.* into v_table from offload.managed_table t where t.id = _generate_view.managed_table;
  select c.* into v_class from pg_catalog.pg_class c where c.oid = v_table.relation;
  if v_table.view_name is null then
    return;
  end if;
  v_view := pg_catalog.format('%s.%I', v_class.relnamespace::regnamespace, v_table.view_name);
  perform offload._drop_view(v_table.id);
  v_facts := (select t.view_facts from offload.managed_table t where t.id = v_table.id);

  if pg_catalog.to_regclass(v_view) is not null then
    raise exception using
      errcode = 'OF007', message = pg_catalog.format('the name of view %s is taken', v_view),
      hint = 'Choose another: view_name => ''…'', or view_name => null for none.';
  end if;
  v_clash := (
    select a.attname
    from offload.managed_column c
    cross join pg_catalog.unnest(array['_url', '_source']) e (ending)
    join pg_catalog.pg_attribute a
      on a.attrelid = v_table.relation and a.attnum > 0 and not a.attisdropped
      and a.attname = offload._identifier(c.column_name, e.ending)
    where c.managed_table = v_table.id and c.detached_at is null
    limit 1);
  if v_clash is not null then
    raise exception using
      errcode = 'OF007',
      message = pg_catalog.format('view %s would have two columns named %I', v_view, v_clash),
      hint = pg_catalog.format('Rename the column: alter table %s rename column %I to …; or take no view: view_name => null.',
        v_table.relation, v_clash);
  end if;

  execute pg_catalog.format(
    'create view %s with (security_invoker = true) as select %s, %s from %s t',
    v_view,
    (
      select pg_catalog.string_agg(pg_catalog.format('t.%I', a.attname), ', ' order by a.attnum)
      from pg_catalog.pg_attribute a
      where a.attrelid = v_table.relation and a.attnum > 0 and not a.attisdropped
    ),
    (
      select pg_catalog.string_agg(pg_catalog.format(
        'offload.media_url(t.%1$I%5$s, t.%2$I%6$s) as %3$I, offload.media_source(t.%1$I%5$s, t.%2$I%6$s) as %4$I',
        c.column_name, c.url_column, offload._identifier(c.column_name, '_url'), offload._identifier(c.column_name, '_source'),
        '::' || c.column_type, case when c.column_type like '%[]' then '::text[]' else '::text' end), ', ' order by c.id)
      from offload.managed_column c
      where c.managed_table = v_table.id and c.detached_at is null
    ),
    v_table.relation);
  execute pg_catalog.format('comment on view %s is %L', v_view,
    pg_catalog.format('%s with the URL under which each image or file can be had now; kept by pg_offload', v_table.relation));
  if pg_catalog.has_schema_privilege(v_class.relowner, v_class.relnamespace, 'CREATE') then
    execute pg_catalog.format('alter view %s owner to %I', v_view, pg_catalog.pg_get_userbyid(v_class.relowner));
  end if;
  if v_facts is not null then
    perform offload._restore_view_facts(v_view::regclass, v_facts);
    update offload.managed_table t set view_facts = null where t.id = v_table.id;
    return;
  end if;
  for v_grant in
    select a.privilege_type, a.is_grantable,
      case when a.grantee = 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) end as grantee
    from pg_catalog.aclexplode(coalesce(v_class.relacl, pg_catalog.acldefault('r', v_class.relowner))) a
    where a.privilege_type = 'SELECT' and a.grantee <> v_class.relowner
  loop
    execute pg_catalog.format('grant %s on %s to %s%s', v_grant.privilege_type, v_view, v_grant.grantee,
      case when v_grant.is_grantable then ' with grant option' else '' end);
  end loop;
end;
$$;

comment on function offload._generate_view(int) is
$$Make a managed table's view anew; rights given on it are kept.

managed_table: its id$$;
revoke execute on function offload._generate_view(int) from public;
