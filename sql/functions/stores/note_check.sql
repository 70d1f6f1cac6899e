-- Write down what a worker found out about a store.
--
-- What came to lie in a store before its URLs were known to open kept its source, and its jobs have ended: once they
-- open, the rows of policy clear are looked at again. No key is read here, for a table that is locked or was dropped
-- must not keep the finding from being written.

create or replace function offload.note_check(
  store text, is_reachable boolean, opens boolean default null, detail text default null, capabilities jsonb default '{}',
  latency interval default null, clock_difference interval default null)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_store int := (select s.id from offload.store s where s.name = note_check.store);
  v_opened boolean := (select c.opens from offload.store_check c where c.store = v_store for update);
begin
  insert into offload.store_check as c (store, is_reachable, opens, detail, capabilities, latency, clock_difference)
  select v_store, note_check.is_reachable, note_check.opens, note_check.detail, note_check.capabilities,
    note_check.latency, note_check.clock_difference
  where v_store is not null
  on conflict on constraint store_check_pkey do update set
    checked_at = pg_catalog.clock_timestamp(), is_reachable = excluded.is_reachable,
    opens = coalesce(excluded.opens, c.opens), detail = excluded.detail,
    capabilities = case when excluded.is_reachable then excluded.capabilities else c.capabilities end,
    latency = case when excluded.is_reachable then excluded.latency else c.latency end,
    clock_difference = coalesce(excluded.clock_difference, c.clock_difference);
  if note_check.opens and v_opened is not true then
    perform offload._look_at_uncleared(v_store);
  end if;
end;
$$;

comment on function offload.note_check(text, boolean, boolean, text, jsonb, interval, interval) is
$$Write down what a worker found out about a store.

store: its name
is_reachable: whether it took, gave back and deleted an object
opens: whether a URL opens without credentials; null: not tried
detail: what went wrong, for a person to read; never a secret
capabilities: what the store can do
latency: how long it took to take a small object
clock_difference: how far its clock is ahead of ours$$;
revoke execute on function offload.note_check(text, boolean, boolean, text, jsonb, interval, interval) from public;

create or replace function offload._look_at_uncleared(store int)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_tables int[] := array(
    select distinct e.managed_table
    from offload.effective_column e
    join offload.chain h on h.managed_column = e.id and h.store = _look_at_uncleared.store
    where e.source_policy = 'clear'
    order by e.managed_table);
begin
  update offload.backfill b set
    state = 'pending', after_key = null, until_key = null, is_forced = true, is_pruning = false, is_counting = false,
    looked_at = 0, queued = 0, ready_at = null, detail = null,
    started_at = pg_catalog.clock_timestamp(), finished_at = null
  from offload.managed_table t
  where t.id = b.managed_table and b.managed_table = any (v_tables) and b.state <> 'none' and not offload._is_subscribed(t.relation);
  -- Rows that were left alone at the attachment, or are a publisher's, stay alone: only what was looked at since, or is being looked at.
  insert into offload.arrival (managed_table, key)
  select b.managed_table, k.key
  from offload.backfill b
  join offload.managed_table t on t.id = b.managed_table
  cross join lateral (
    select i.key
    from offload.managed_column c
    join offload.item i on i.managed_column = c.id and i.store = _look_at_uncleared.store
    where c.managed_table = b.managed_table and c.detached_at is null
    union
    select j.key from offload.job j
    where j.managed_table = b.managed_table and j.lease is not null and j.key is not null
  ) k
  where b.managed_table = any (v_tables) and (b.state = 'none' or offload._is_subscribed(t.relation));
  perform pg_catalog.pg_notify('offload', '') where pg_catalog.cardinality(v_tables) > 0;
end;
$$;

comment on function offload._look_at_uncleared(int) is
$$Have the rows of policy clear looked at again whose objects may lie in a store.

store: its id$$;
revoke execute on function offload._look_at_uncleared(int) from public;
