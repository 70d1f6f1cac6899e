-- Record that a table's rows are to be looked at: its largest key now ends the range, later rows have the triggers.
--
-- A transaction with a snapshot of its own does not see every row that came before the triggers: then nothing ends it,
-- and a table that seems empty may not be.

-- offload._look_again is for changes of settings and of the table: what was left alone, or is a publisher's, stays so, and
-- only what is known is looked at.

create or replace function offload._begin_backfill(managed_table int, is_forced boolean)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_relation regclass := (select t.relation from offload.managed_table t where t.id = _begin_backfill.managed_table);
  v_sees_all boolean := pg_catalog.current_setting('transaction_isolation') = 'read committed';
  v_until text[];
begin
  execute (
    select pg_catalog.format('select array[%s] from %s t order by %s limit 1',
      pg_catalog.string_agg(pg_catalog.format('t.%I::text', k.name), ', ' order by k.ordinal),
      offload._table_expression(v_relation),
      pg_catalog.string_agg(pg_catalog.format('t.%I desc', k.name), ', ' order by k.ordinal))
    from offload._key_part(v_relation) k)
    into v_until;
  if v_until is null and v_sees_all then
    -- Nothing is there that the triggers will not see.
    insert into offload.backfill as b (managed_table, state, finished_at, counted_at)
    values (_begin_backfill.managed_table, 'complete', pg_catalog.clock_timestamp(), pg_catalog.clock_timestamp())
    on conflict do nothing;
    if found then
      perform offload.recount(_begin_backfill.managed_table);
      return;
    end if;
  end if;
  insert into offload.backfill as b (managed_table, state, until_key, is_forced)
  values (_begin_backfill.managed_table, 'pending', case when v_sees_all then v_until end, _begin_backfill.is_forced)
  on conflict on constraint backfill_pkey do update set
    state = 'pending', after_key = null, until_key = excluded.until_key,
    is_forced = excluded.is_forced or (b.state = 'pending' and b.is_forced), is_pruning = false,
    is_counting = false, looked_at = 0, queued = 0, ready_at = null, detail = null,
    started_at = pg_catalog.clock_timestamp(), finished_at = null;
  -- A worker that dozes would look in half a minute.
  perform offload._ring();
end;
$$;

comment on function offload._begin_backfill(int, boolean) is
$$Record that a table's rows are to be looked at.

managed_table: its id
is_forced: every row, or only those that changed since they were looked at$$;
revoke execute on function offload._begin_backfill(int, boolean) from public;

create or replace function offload._look_again(managed_table int, is_forced boolean)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from offload.backfill b
    join offload.managed_table t on t.id = b.managed_table
    where b.managed_table = _look_again.managed_table and (b.state = 'none' or offload._is_subscribed(t.relation))) then
    perform offload._begin_backfill(_look_again.managed_table, _look_again.is_forced);
    return;
  end if;
  insert into offload.arrival (managed_table, key)
  select _look_again.managed_table, i.key
  from offload.managed_column c
  join offload.item i on i.managed_column = c.id
  where c.managed_table = _look_again.managed_table and c.detached_at is null
  union
  -- Who holds a row goes by what was set when it was read.
  select j.managed_table, j.key from offload.job j
  where j.managed_table = _look_again.managed_table and j.lease is not null and j.key is not null;
  perform offload._ring();
end;
$$;

comment on function offload._look_again(int, boolean) is
$$Have a table's rows looked at again; where they were left alone at the attachment, or are a publisher's, those that
are known.

managed_table: its id
is_forced: every row, or only those that changed since they were looked at$$;
revoke execute on function offload._look_again(int, boolean) from public;
