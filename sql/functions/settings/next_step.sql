-- What to do next, said at the end of a NOTICE: start a worker, or nothing, for one was seen.

create or replace function offload._next_step()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    (
      select pg_catalog.format('A worker was seen %s s ago.', greatest(0, pg_catalog.round(
        extract(epoch from pg_catalog.clock_timestamp() - max(w.seen_at)))))
      from offload.worker w
      where w.seen_at > pg_catalog.clock_timestamp() - interval '1 minute'
      having count(*) > 0
    ),
    pg_catalog.format('Start a worker: offload work --database postgresql://%s/%s',
      -- Null over a socket of the server's own machine.
      case pg_catalog.family(pg_catalog.inet_server_addr())
        when 6 then pg_catalog.format('[%s]:%s', pg_catalog.host(pg_catalog.inet_server_addr()), pg_catalog.inet_server_port())
        when 4 then pg_catalog.format('%s:%s', pg_catalog.host(pg_catalog.inet_server_addr()), pg_catalog.inet_server_port())
        else '' end,
      pg_catalog.current_database()));
$$;

comment on function offload._next_step() is 'What to do next: the line that starts a worker, or that one was seen.';
revoke execute on function offload._next_step() from public;
