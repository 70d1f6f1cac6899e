-- The BEFORE trigger of a managed table: it keeps the URL columns right.
--
-- The rules are _ruled_url's. Where the URL is what it was, they come down to nulling it when the source is not, and a
-- row without a URL costs no look at its values. The rights are the table owner's, for the one look at the mark that
-- tells the write-back from the application. A renamed column never fails the application's statement: the capture then
-- asks for a look at the whole table.

create or replace function offload._guard_source(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format(
    $guard$
create or replace function offload._guard_%1$s()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $body$
begin
  -- Nested, because a condition with a query in it costs a query, whichever half decides.
  if pg_catalog.current_setting('offload.write_back', true) <> '' then
    if exists (
      select from offload.managed_table t
      where t.id = %1$s and t.mark::text = pg_catalog.current_setting('offload.write_back', true)) then
      return new;
    end if;
  end if;
  if tg_op = 'INSERT' then%2$s
  else%3$s
  end if;
  return new;
exception when undefined_column then
  return new;
end;
$body$;$guard$,
    _guard_source.managed_table,
    pg_catalog.string_agg(pg_catalog.format(
      $insert$
    if new.%2$I is not null then
      new.%2$I := offload._ruled_url(true, %3$s, null, new.%2$I);
    end if;$insert$,
      c.column_name, c.url_column, offload._has_source('new', c.column_name, c.column_type)), '' order by c.id),
    pg_catalog.string_agg(pg_catalog.format(
      $update$
    if new.%2$I is distinct from old.%2$I then
      new.%2$I := offload._ruled_url(%4$s, %3$s, old.%2$I, new.%2$I);
    elsif new.%2$I is not null and (%4$s) then
      new.%2$I := null;
    end if;$update$,
      c.column_name, c.url_column, offload._has_source('new', c.column_name, c.column_type),
      offload._is_changed(c.column_name, c.column_type)), '' order by c.id))
  from offload.managed_column c
  where c.managed_table = _guard_source.managed_table and c.detached_at is null;
$$;

comment on function offload._guard_source(int) is
$$The text of a managed table's BEFORE trigger function.

managed_table: its id$$;
revoke execute on function offload._guard_source(int) from public;
