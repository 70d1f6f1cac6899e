-- Ring for the other workers: more is ready than one can take.

create or replace function offload.call_peers()
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.pg_notify('offload', 'peers');
$$;

comment on function offload.call_peers() is 'Ring for the other workers: more is ready than one can take.';
revoke execute on function offload.call_peers() from public;
