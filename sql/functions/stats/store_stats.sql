-- What each store holds, and what is known of it.

create or replace view offload.store_stats as
select
  s.name, s.kind, s.access, u.prefix as url_prefix, s.disabled_at,
  coalesce(r.objects, 0) as objects, coalesce(r.bytes, 0) as bytes, coalesce(r.uploading, 0) as uploading,
  c.checked_at, c.is_reachable, c.opens, c.detail
from offload.store s
left join offload.store_url u on u.store = s.id and u.is_current
left join offload.store_check c on c.store = s.id
left join (
  select r.store, count(*) filter (where r.state = 'stored') as objects,
    pg_catalog.sum(o.bytes) filter (where r.state = 'stored')::bigint as bytes,
    count(*) filter (where r.state = 'uploading') as uploading
  from offload.replica r
  join offload.object o on o.hash = r.object_hash
  group by r.store
) r on r.store = s.id;

comment on view offload.store_stats is 'What each store holds, and what a worker last found out about it.';
comment on column offload.store_stats.opens is 'Whether a URL of the store opens without credentials.';
revoke all on offload.store_stats from public;
