-- How far the look at the rows that no trigger saw has come, for each managed table.

create or replace view offload.backfill_progress as
select
  t.relation,
  b.state,
  b.looked_at,
  e.total,
  case
    when b.state = 'complete' then 100
    when e.total > 0 then least(99, b.looked_at * 100 / e.total)
  end::int as percent,
  b.queued,
  b.started_at,
  b.finished_at,
  b.ready_at as next_at,
  b.detail
from offload.backfill b
join offload.managed_table t on t.id = b.managed_table and t.detached_at is null
join pg_catalog.pg_class r on r.oid = t.relation
cross join lateral (
  select coalesce(
    case when b.counted_at is not null then (
      select pg_catalog.sum(l.rows)::bigint from offload._leaf_count l
      where l.leaf is not null and l.managed_column = (
        select min(c.id) from offload.managed_column c where c.managed_table = t.id and c.detached_at is null)) end,
    -- What VACUUM and ANALYZE have estimated; -1: nothing yet.
    (
      select nullif(pg_catalog.sum(greatest(c.reltuples, 0)), 0)::bigint
      from pg_catalog.pg_class c
      where c.oid = t.relation or c.oid in (select p.relid from pg_catalog.pg_partition_tree(t.relation) p where p.isleaf)
    ))
) e (total);

comment on view offload.backfill_progress is 'How far the look at the rows that no trigger saw has come, for each managed table.';
comment on column offload.backfill_progress.state is 'pending: asked for, in no pause; sweeping: begun by itself, a batch a second; complete; none: not wanted.';
comment on column offload.backfill_progress.looked_at is 'How many rows were looked at so far.';
comment on column offload.backfill_progress.total is 'How many rows there are about; null: nobody knows yet.';
comment on column offload.backfill_progress.percent is '99 at most before the end, whatever the estimate.';
comment on column offload.backfill_progress.queued is 'How many of them were worth a job.';
comment on column offload.backfill_progress.next_at is 'When the next batch is due, where it is put off.';
comment on column offload.backfill_progress.detail is 'Why the last batch could not be had; null: it could.';
revoke all on offload.backfill_progress from public;
