-- Make a managed table's triggers, functions and view fit what the table is now, after a column was renamed, added,
-- dropped or given another type.
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
  v_table int := offload._managed_table(refresh.relation);
  v_lost record;
  v_is_replaced boolean;
  v_is_rekeyed boolean;
begin
  perform offload._refuse_relation(refresh.relation);
  perform offload._lock_table(refresh.relation, 'share row exclusive');

  -- A column that was dropped and added again is empty, and the rows' versions do not tell.
  v_is_replaced := exists (
    select from offload.managed_column c
    cross join lateral (values (c.column_name, c.column_number), (c.url_column, c.url_number)) n (name, number)
    join pg_catalog.pg_attribute a on a.attrelid = refresh.relation and a.attname = n.name and not a.attisdropped
    where c.managed_table = v_table and c.detached_at is null and a.attnum <> n.number);
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
  if not offload._end_dropped(v_table) then
    return;
  end if;

  select c.column_name, c.url_column, u.attname is null as is_gone, s.atttypid, s.atttypmod, t.type,
    offload._column_type(u.atttypid) as url_type, u.attnotnull
    into v_lost
  from offload.managed_column c
  join pg_catalog.pg_attribute s on s.attrelid = refresh.relation and s.attname = c.column_name and not s.attisdropped
  left join pg_catalog.pg_attribute u on u.attrelid = refresh.relation and u.attname = c.url_column and not u.attisdropped
  cross join lateral offload._column_type(s.atttypid) t (type)
  where c.managed_table = v_table and c.detached_at is null
    and (t.type is null or u.attname is null or u.attnotnull
      or offload._column_type(u.atttypid) is distinct from case when t.type like '%[]' then 'text[]' else 'text' end)
  order by c.id
  limit 1;
  if v_lost.is_gone then
    raise exception using
      errcode = 'OF003', message = pg_catalog.format('table %s has no column %I any more', refresh.relation, v_lost.url_column),
      hint = pg_catalog.format('Add it, or end its management: select offload.detach(%L, %L);',
        refresh.relation::text, v_lost.column_name);
  elsif v_lost.column_name is not null and v_lost.type is null then
    raise exception using
      errcode = 'OF004',
      message = pg_catalog.format('column %I of table %s is of type %s and cannot hold images or files', v_lost.column_name,
        refresh.relation, pg_catalog.format_type(v_lost.atttypid, v_lost.atttypmod)),
      hint = pg_catalog.format('Give it another type, or end its management first: select offload.detach(%L, %L);',
        refresh.relation::text, v_lost.column_name);
  elsif v_lost.column_name is not null then
    raise exception using
      errcode = 'OF014',
      message = pg_catalog.format('column %I of table %s cannot hold the URLs of %I', v_lost.url_column, refresh.relation,
        v_lost.column_name),
      hint = pg_catalog.format('It must be a nullable %s column.', case when v_lost.type like '%[]' then 'text[]' else 'text or varchar' end);
  end if;

  update offload.managed_column c set column_type = (
    select offload._column_type(s.atttypid) from pg_catalog.pg_attribute s
    where s.attrelid = refresh.relation and s.attname = c.column_name and not s.attisdropped)
  where c.managed_table = v_table and c.detached_at is null;
  -- The same columns, and types whose texts are the same: the items' keys stay true.
  v_is_rekeyed := not exists (
    select
    from offload.managed_table t
    cross join lateral (
      select pg_catalog.array_agg(k.name order by k.ordinal), pg_catalog.array_agg(k.number order by k.ordinal),
        pg_catalog.bool_and(t.key_types[k.ordinal] = k.type
          or (t.key_types[k.ordinal] in ('smallint', 'integer', 'bigint') and k.type in ('smallint', 'integer', 'bigint', 'numeric'))
          or (t.key_types[k.ordinal] in ('text', 'character varying', 'name') and k.type in ('text', 'character varying')))
      from offload._key_part(refresh.relation) k
    ) k (names, numbers, is_alike)
    where t.id = v_table and k.is_alike and (k.names = t.key_columns or k.numbers = t.key_numbers));
  if v_is_rekeyed then
    perform offload._forget_items(v_table);
  end if;
  update offload.managed_table t set
    relation_name = refresh.relation::text,
    (key_columns, key_types, key_numbers) = (
      select pg_catalog.array_agg(k.name order by k.ordinal), pg_catalog.array_agg(k.type order by k.ordinal),
        pg_catalog.array_agg(k.number order by k.ordinal)
      from offload._key_part(refresh.relation) k)
  where t.id = v_table;
  perform offload._generate(v_table);
  -- What was written meanwhile was not captured whole.
  if v_is_rekeyed and not offload._is_subscribed(refresh.relation) then
    -- With its key each row lost what was known of it: left alone, it would name an object that nothing refers to.
    perform offload.sweep(refresh.relation);
    return;
  end if;
  perform offload._look_again(v_table, is_forced => v_is_replaced);
  update offload.backfill b set until_key = null where b.managed_table = v_table;
  insert into offload.arrival (managed_table) values (v_table);
  if exists (select from offload.backfill b where b.managed_table = v_table and b.state = 'none') then
    raise notice using
      message = pg_catalog.format('of table %s the rows that are known are looked at again, and no others', refresh.relation),
      hint = pg_catalog.format('If images were written while triggers or columns were not in place: select offload.sweep(%L);',
        refresh.relation::text);
  end if;
end;
$$;

comment on function offload.refresh(regclass) is
$$Make a managed table's triggers, functions and view fit what the table is now: after a column was renamed, added,
dropped or given another type, after the owner changed, after a partition was attached, after offload.suspend. The view
keeps its owner, rights and comments. A managed column that was dropped is managed no more.

relation: the managed table$$;
revoke execute on function offload.refresh(regclass) from public;
