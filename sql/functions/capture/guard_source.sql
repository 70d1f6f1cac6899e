-- The BEFORE trigger of a managed table: it keeps the URL columns right.
--
-- The rules are _ruled_url's. Small values of a row without a URL cost one expression. At an UPDATE it comes only where the
-- change comes after (offload._guards_apart).
--
-- The rights are the table owner's, for the one look at the mark that tells the write-back from the application. A
-- renamed column never fails the application's statement: the capture then asks for a look at the whole table.

create or replace function offload._guard_source(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with column_ as (
    select
      c.id, offload._field(c.url_column) as url,
      offload._has_source('new', c.column_name, c.column_type) as has_source,
      offload._is_stored_apart(c.column_name, c.column_type) as is_stored_apart
    from offload.managed_column c
    where c.managed_table = _guard_source.managed_table and c.detached_at is null
  )
  select pg_catalog.format(
    $guard$
create or replace function offload._guard_%1$s()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $body$
declare
  v_is_changed boolean;
begin
  -- True at an INSERT, which comes here only with a URL.
  if (%2$s) is not true then
    return new;
  end if;
  -- Nested, because a condition with a query in it costs a query, whichever half decides.
  if pg_catalog.current_setting('offload.write_back', true) <> '' then
    if exists (
      select from offload.managed_table t
      where t.id = %1$s and t.mark::text = pg_catalog.current_setting('offload.write_back', true)) then
      return new;
    end if;
  end if;
  if tg_op = 'INSERT' then%3$s
  else%4$s
  end if;
  return new;
exception when undefined_column then
  return new;
end;
$body$;$guard$,
    _guard_source.managed_table,
    pg_catalog.string_agg(pg_catalog.format(
      'new.%1$s is not null or old.%1$s is not null or %2$s', c.url, c.is_stored_apart),
      E'\n    or ' order by c.id),
    pg_catalog.string_agg(pg_catalog.format(
      $insert$
    if new.%1$s is not null then
      new.%1$s := offload._ruled_url(true, %2$s, null, new.%1$s);
    end if;$insert$,
      c.url, c.has_source), '' order by c.id),
    offload._guarded_update(_guard_source.managed_table))
  from column_ c;
$$;

comment on function offload._guard_source(int) is
$$The text of a managed table's BEFORE trigger function.

managed_table: its id$$;
revoke execute on function offload._guard_source(int) from public;
