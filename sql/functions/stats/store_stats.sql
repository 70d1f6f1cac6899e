-- What each store holds, what happened to it, and what is known of it.
--
-- A circuit whose pause is over is half open: the next upload tries the store, and closes the circuit or opens it again.

create or replace view offload.store_stats as
select
  s.name, s.kind, s.access, u.prefix as url_prefix, s.disabled_at,
  coalesce(r.objects, 0) as objects, coalesce(r.bytes, 0) as bytes, coalesce(r.uploading, 0) as uploading,
  c.checked_at, c.is_reachable, c.opens, c.detail,
  coalesce(w.puts, 0) as puts, coalesce(w.retries, 0) as retries, coalesce(w.failures, 0) as failures,
  w.last_error, w.last_error_at,
  case
    when s.kind = 'database' then null
    when w.open_until > pg_catalog.clock_timestamp() then 'open'
    when w.open_until is not null then 'half_open'
    else 'closed'
  end as circuit,
  case when w.open_until > pg_catalog.clock_timestamp() then w.open_until end as circuit_open_until,
  c.capabilities, c.latency, c.clock_difference,
  case
    when s.kind = 'database' then 'as the rows'
    when s.access = 'private' then 'private'
    when c.opens then 'opens'
    when not c.opens then 'refused'
    else 'not tried'
  end as access_verdict,
  case when s.access = 'direct' and not c.opens then offload._opening_remedy(s) end as access_remedy,
  d.state as drain, t.name as drain_target
from offload.store s
left join offload.store_url u on u.store = s.id and u.is_current
left join offload.store_check c on c.store = s.id
left join offload.drain d on d.store = s.id
left join offload.store t on t.id = d.target
left join (
  select r.store, count(*) filter (where r.state = 'stored') as objects,
    pg_catalog.sum(o.bytes) filter (where r.state = 'stored')::bigint as bytes,
    count(*) filter (where r.state = 'uploading') as uploading
  from offload.replica r
  join offload.object o on o.hash = r.object_hash
  group by r.store
) r on r.store = s.id
left join (
  select w.store, pg_catalog.sum(w.puts)::bigint as puts, pg_catalog.sum(w.retries)::bigint as retries,
    pg_catalog.sum(w.failures)::bigint as failures,
    (pg_catalog.array_agg(w.last_error order by w.last_error_at desc nulls last))[1] as last_error,
    max(w.last_error_at) as last_error_at,
    max(w.open_until) filter (where a.seen_at > pg_catalog.clock_timestamp() - interval '1 minute') as open_until
  from offload.store_work w
  left join offload.worker a on a.id = w.worker
  group by w.store
) w on w.store = s.id;

comment on view offload.store_stats is 'What each store holds, what the workers did there, and what they last found out about it.';
comment on column offload.store_stats.opens is 'Whether a URL of the store opens without credentials.';
comment on column offload.store_stats.puts is 'Objects that workers stored there.';
comment on column offload.store_stats.retries is 'Requests that had to be sent again.';
comment on column offload.store_stats.failures is 'Attempts to store an object that failed; each row is tried again.';
comment on column offload.store_stats.circuit is
  'closed: in use; open: left alone by a worker after repeated failures; half_open: about to be tried again.';
comment on column offload.store_stats.access_verdict is 'opens, refused, not tried, private, or as the rows.';
comment on column offload.store_stats.access_remedy is 'Where the URLs should open and do not: what makes them.';
comment on column offload.store_stats.drain is 'Where the store is being moved into another one: how far that is.';
revoke all on offload.store_stats from public;
