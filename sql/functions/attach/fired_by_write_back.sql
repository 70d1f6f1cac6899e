-- The table's own triggers and generated columns that each written-back URL fires; null: none.

create or replace function offload._fired_by_write_back(relation regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.string_agg(f.what, ', ' order by f.what)
  from (
    select 'trigger ' || pg_catalog.quote_ident(t.tgname)
    from pg_catalog.pg_trigger t
    where t.tgrelid = _fired_by_write_back.relation and not t.tgisinternal and t.tgenabled <> 'D'
      and t.tgtype & 16 = 16
      and t.tgname !~ '^zz_offload_'
      and (t.tgattr = '' or exists (
        select from offload.managed_column c join offload.managed_table m on m.id = c.managed_table
        where m.relation = _fired_by_write_back.relation and m.detached_at is null and c.detached_at is null
          and c.url_number = any (t.tgattr::smallint[])))
    union all
    select 'generated column ' || pg_catalog.quote_ident(a.attname)
    from pg_catalog.pg_attribute a
    where a.attrelid = _fired_by_write_back.relation and a.attgenerated = 's' and not a.attisdropped
  ) f (what);
$$;

comment on function offload._fired_by_write_back(regclass) is
$$The table's own triggers and stored generated columns that each written-back URL fires.

relation: the table$$;
revoke execute on function offload._fired_by_write_back(regclass) from public;
