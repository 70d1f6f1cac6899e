-- The counts of one managed column as JSON, for a dashboard.

create or replace function offload.storage_summary(relation regclass, column_name text)
returns json
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_stats offload.storage_stats;
begin
  select s.* into v_stats from offload.storage_stats s
  where s.relation = storage_summary.relation and s.column_name = storage_summary.column_name;
  if not found then
    raise exception using
      errcode = 'OF006',
      message = pg_catalog.format('column %I of table %s is not managed', storage_summary.column_name, storage_summary.relation),
      hint = pg_catalog.format('Attach it: select offload.attach(%L, %L);', storage_summary.relation::text, storage_summary.column_name);
  end if;
  return pg_catalog.json_build_object(
    'total_' || (select c.relname from pg_catalog.pg_class c where c.oid = storage_summary.relation), v_stats.total,
    'with_s3', v_stats.with_s3,
    'with_base64', v_stats.with_base64,
    'with_both', v_stats.with_both,
    'with_neither', v_stats.with_neither,
    's3_coverage', v_stats.s3_coverage);
end;
$$;

comment on function offload.storage_summary(regclass, text) is
$$The counts of one managed column as JSON.

relation: the table
column_name: the managed column$$;
revoke execute on function offload.storage_summary(regclass, text) from public;
