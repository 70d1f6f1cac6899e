-- Make a managed table's triggers, functions and view fit what the table is now, after a column was renamed or added.
--
-- A column that bears its old name is the same, even where its number changed (a restored dump); otherwise the number
-- says which column was renamed.

create or replace function offload.refresh(relation regclass)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_table int := (
    select t.id from offload.managed_table t where t.relation = refresh.relation and t.detached_at is null);
  v_lost text;
begin
  perform offload._refuse_relation(refresh.relation);
  if v_table is null then
    raise exception using
      errcode = 'OF006', message = pg_catalog.format('table %s is not managed', refresh.relation),
      hint = pg_catalog.format('Attach a column of it: select offload.attach(%L, …);', refresh.relation::text);
  end if;

  update offload.managed_column c set
    (column_name, column_number) = (
      select coalesce(s.attname, c.column_name), coalesce(s.attnum, c.column_number)
      from (select) one
      left join pg_catalog.pg_attribute s on s.attrelid = refresh.relation and not s.attisdropped and s.attnum > 0
        and (s.attname = c.column_name or (s.attnum = c.column_number and not exists (
          select from pg_catalog.pg_attribute n
          where n.attrelid = refresh.relation and n.attname = c.column_name and not n.attisdropped)))
    ),
    (url_column, url_number) = (
      select coalesce(u.attname, c.url_column), coalesce(u.attnum, c.url_number)
      from (select) one
      left join pg_catalog.pg_attribute u on u.attrelid = refresh.relation and not u.attisdropped and u.attnum > 0
        and (u.attname = c.url_column or (u.attnum = c.url_number and not exists (
          select from pg_catalog.pg_attribute n
          where n.attrelid = refresh.relation and n.attname = c.url_column and not n.attisdropped)))
    )
  where c.managed_table = v_table and c.detached_at is null;
  v_lost := (
    select pg_catalog.string_agg(pg_catalog.quote_ident(n.name), ', ')
    from offload.managed_column c
    cross join pg_catalog.unnest(array[c.column_name, c.url_column]) n (name)
    where c.managed_table = v_table and c.detached_at is null and not exists (
      select from pg_catalog.pg_attribute a
      where a.attrelid = refresh.relation and a.attname = n.name and not a.attisdropped));
  if v_lost is not null then
    raise exception using
      errcode = 'OF003', message = pg_catalog.format('table %s has no column %s any more', refresh.relation, v_lost),
      hint = pg_catalog.format('End its management: select offload.detach(%L, …);', refresh.relation::text);
  end if;

  update offload.managed_table t set (key_columns, key_types, key_numbers) = (
    select pg_catalog.array_agg(k.name order by k.ordinal), pg_catalog.array_agg(k.type order by k.ordinal),
      pg_catalog.array_agg(k.number order by k.ordinal)
    from offload._key_part(refresh.relation) k)
  where t.id = v_table;
  begin
    execute pg_catalog.format('lock table %s in share row exclusive mode', refresh.relation);
  exception when lock_not_available then
    raise exception using
      errcode = 'OF012', message = pg_catalog.format('table %s could not be locked within 2 s', refresh.relation),
      hint = 'Try again in a quieter moment.';
  end;
  perform offload._generate(v_table);
  -- What was written meanwhile was not captured whole.
  perform offload.sweep(refresh.relation);
end;
$$;

comment on function offload.refresh(regclass) is
$$Make a managed table's triggers, functions and view fit what the table is now: after a column was renamed, added or
dropped, after the owner changed, after a partition was attached. Rights given on the view are kept.

relation: the managed table$$;
revoke execute on function offload.refresh(regclass) from public;
