-- The BEFORE trigger of a managed table: it keeps the URL columns right.
--
-- The rules are _ruled_url's. Where the URL is what it was, they come down to nulling it when the source is not. Small
-- values of a row without a URL cost one expression. A large one that is saved again as it was keeps its place: what is
-- stored already takes the place of its equal, and nothing of it is written anew.
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
      c.id, offload._field(c.column_name) as source, offload._field(c.url_column) as url,
      offload._has_source('new', c.column_name, c.column_type) as has_source,
      offload._begins_otherwise(c.column_name, c.column_type) || offload._is_changed(c.column_name, c.column_type) as is_changed,
      -- From here on a value is stored apart, and to write it again costs more than to compare it.
      pg_catalog.format('%1$s > 2000 and %1$s = %2$s',
        pg_catalog.format(n.bytes, 'new', offload._field(c.column_name)),
        pg_catalog.format(n.bytes, 'old', offload._field(c.column_name))) as is_stored_apart
    from offload.managed_column c
    cross join lateral (
      select case when c.column_type like '%[]' then 'pg_catalog.pg_column_size(%s.%s)' else 'pg_catalog.octet_length(%s.%s)' end
    ) n (bytes)
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
    pg_catalog.string_agg(pg_catalog.format(
      $update$
    if new.%2$s is not null or old.%2$s is not null or %5$s then
      v_is_changed := %4$s;
      if not v_is_changed and %5$s then
        new.%1$s := old.%1$s;
      end if;
      if new.%2$s collate "C" is distinct from old.%2$s collate "C" then
        new.%2$s := offload._ruled_url(v_is_changed, %3$s, old.%2$s, new.%2$s);
      elsif new.%2$s is not null and v_is_changed then
        new.%2$s := null;
      end if;
    end if;$update$,
      c.source, c.url, c.has_source, c.is_changed, c.is_stored_apart), '' order by c.id))
  from column_ c;
$$;

comment on function offload._guard_source(int) is
$$The text of a managed table's BEFORE trigger function.

managed_table: its id$$;
revoke execute on function offload._guard_source(int) from public;
