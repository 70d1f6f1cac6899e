-- Write down what a worker found out about a store.

create or replace function offload.note_check(
  store text, is_reachable boolean, opens boolean default null, detail text default null, capabilities jsonb default '{}')
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into offload.store_check as c (store, is_reachable, opens, detail, capabilities)
  select s.id, note_check.is_reachable, note_check.opens, note_check.detail, note_check.capabilities
  from offload.store s
  where s.name = note_check.store
  on conflict (store) do update set
    checked_at = pg_catalog.clock_timestamp(), is_reachable = excluded.is_reachable,
    opens = coalesce(excluded.opens, c.opens), detail = excluded.detail,
    capabilities = case when excluded.is_reachable then excluded.capabilities else c.capabilities end;
$$;

comment on function offload.note_check(text, boolean, boolean, text, jsonb) is
$$Write down what a worker found out about a store.

store: its name
is_reachable: whether it took, gave back and deleted an object
opens: whether a URL opens without credentials; null: not tried
detail: what went wrong, for a person to read; never a secret
capabilities: what the store can do$$;
revoke execute on function offload.note_check(text, boolean, boolean, text, jsonb) from public;
