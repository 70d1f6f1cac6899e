-- A row for each managed column: how many rows have what, and how many bytes lie where. Exact in every snapshot once
-- the backfill is complete.

create or replace view offload.storage_stats as
select
  t.relation,
  c.column_name,
  s.total,
  s.with_s3,
  s.with_base64,
  s.with_both,
  s.total - s.with_s3 - s.with_base64 + s.with_both as with_neither,
  case when s.total > 0 then s.with_s3 * 100 / s.total else 0 end || '%' as s3_coverage,
  s.bytes_in_rows,
  s.bytes_in_stores,
  s.bytes_saved,
  -- What was counted before the column was attached says nothing of it.
  case when b.counted_at > c.attached_at then b.counted_at end as counted_at,
  case when c.leaves_rows then 'none' else b.state end as backfill
from offload.managed_column c
join offload.managed_table t on t.id = c.managed_table
join pg_catalog.pg_class r on r.oid = t.relation
left join offload.backfill b on b.managed_table = t.id
cross join lateral (
  select
    coalesce(pg_catalog.sum(l.rows), 0)::bigint,
    coalesce(pg_catalog.sum(l.with_url), 0)::bigint,
    coalesce(pg_catalog.sum(l.with_source), 0)::bigint,
    coalesce(pg_catalog.sum(l.with_both), 0)::bigint,
    coalesce(pg_catalog.sum(l.row_bytes), 0)::bigint,
    coalesce(pg_catalog.sum(l.store_bytes), 0)::bigint,
    coalesce(pg_catalog.sum(l.saved_bytes), 0)::bigint
  from offload._leaf_count l
  where l.managed_column = c.id
    -- A partition that was detached or dropped counts no more.
    and (l.leaf is null or l.leaf = t.relation
      or l.leaf in (select p.relid from pg_catalog.pg_partition_tree(t.relation) p))
) s (total, with_s3, with_base64, with_both, bytes_in_rows, bytes_in_stores, bytes_saved)
where c.detached_at is null and t.detached_at is null;

comment on view offload.storage_stats is 'For each managed column: how many rows have what, and how many bytes lie where.';
comment on column offload.storage_stats.total is 'Rows of the table.';
comment on column offload.storage_stats.with_s3 is 'Rows with a remote URL, ours or foreign; in an array column, with at least one.';
comment on column offload.storage_stats.with_base64 is 'Rows that have their source.';
comment on column offload.storage_stats.s3_coverage is 'with_s3 of total, rounded down: 100% only when all.';
comment on column offload.storage_stats.bytes_in_rows is 'What the sources take in the rows, before TOAST compresses them; of arrays, after.';
comment on column offload.storage_stats.bytes_in_stores is 'What the objects of these rows take in stores; one that several rows share counts for each.';
comment on column offload.storage_stats.bytes_saved is 'What compression saves: decoded sources less their objects.';
comment on column offload.storage_stats.counted_at is 'When the table was last counted whole; null: not yet, and the counts lack the older rows.';
revoke all on offload.storage_stats from public;
