-- Write down what a worker found out about a store.

create or replace function offload.note_check(
  store text, is_reachable boolean, opens boolean default null, detail text default null, capabilities jsonb default '{}',
  latency interval default null, clock_difference interval default null)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into offload.store_check as c (store, is_reachable, opens, detail, capabilities, latency, clock_difference)
  select s.id, note_check.is_reachable, note_check.opens, note_check.detail, note_check.capabilities,
    note_check.latency, note_check.clock_difference
  from offload.store s
  where s.name = note_check.store
  on conflict (store) do update set
    checked_at = pg_catalog.clock_timestamp(), is_reachable = excluded.is_reachable,
    opens = coalesce(excluded.opens, c.opens), detail = excluded.detail,
    capabilities = case when excluded.is_reachable then excluded.capabilities else c.capabilities end,
    latency = case when excluded.is_reachable then excluded.latency else c.latency end,
    clock_difference = coalesce(excluded.clock_difference, c.clock_difference);
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
