-- How far stores have been drained, and their URLs written anew.

create or replace view offload.store_progress as
select
  s.name as store, 'drain' as work, t.name as target, null::regclass as relation, d.state,
  d.objects - coalesce(r.left_, 0) as done, d.objects as total, coalesce(r.left_, 0) as left_behind, d.detail,
  d.started_at, d.finished_at
from offload.drain d
join offload.store s on s.id = d.store
join offload.store t on t.id = d.target
left join lateral (
  select count(*) as left_
  from offload.replica r
  where r.store = d.store and r.state = 'stored' and (d.state = 'complete' or not exists (
    select from offload.replica c where c.object_hash = r.object_hash and c.store = d.target and c.state = 'stored'))
) r on true
union all
select
  s.name, 'rewrite', t.name, m.relation, w.state, w.written, null, w.left_behind, w.detail, w.started_at, w.finished_at
from offload.rewrite w
join offload.store s on s.id = w.store
join offload.store t on t.id = w.target
join offload.managed_table m on m.id = w.managed_table;

comment on view offload.store_progress is 'How far stores have been drained, and their URLs written anew; done counts objects, or rows.';
comment on column offload.store_progress.left_behind is 'Objects that are not moved yet, or URLs that stay as they are: detail says why.';
revoke all on offload.store_progress from public;
