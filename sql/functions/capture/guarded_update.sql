-- The statements that keep the URL columns right in an UPDATE, and spare a large value that is saved again as it was from
-- being written anew: what is stored already takes the place of its equal.
--
-- The rules are _ruled_url's. Where the URL is what it was, they come down to nulling it when the source is not.

create or replace function offload._guarded_update(managed_table int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.string_agg(pg_catalog.format(
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
    offload._field(c.column_name), offload._field(c.url_column), offload._has_source('new', c.column_name, c.column_type),
    offload._begins_otherwise(c.column_name, c.column_type) || offload._is_changed(c.column_name, c.column_type),
    offload._is_stored_apart(c.column_name, c.column_type)), '' order by c.id)
  from offload.managed_column c
  where c.managed_table = _guarded_update.managed_table and c.detached_at is null;
$$;

comment on function offload._guarded_update(int) is
$$The statements that keep the URL columns right in an UPDATE.

managed_table: its id$$;
revoke execute on function offload._guarded_update(int) from public;
