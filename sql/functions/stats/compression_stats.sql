-- What compression does for each managed column, and what each setting would save; known as soon as the worker has
-- looked at the values, with local_primary and keep, too, which change nothing.
--
-- Bytes as they stand in rows: a text counts as base64. It reads every item of the column.

create or replace view offload.compression_stats as
select
  t.relation, e.column_name, e.strategy, e.source_policy, e.threshold,
  count(i.object_hash) filter (where i.refusal is null) as measured,
  count(i.refusal) as refused,
  coalesce(pg_catalog.sum(v.source), 0)::bigint as source_bytes,
  coalesce(pg_catalog.sum(v.object), 0)::bigint as object_bytes,
  coalesce(pg_catalog.sum(v.source - v.object), 0)::bigint as replace_saves,
  coalesce(pg_catalog.sum(v.source), 0)::bigint as store_saves,
  coalesce(pg_catalog.sum(v.source) filter (where i.source_bytes > e.threshold), 0)::bigint as hybrid_saves
from offload.effective_column e
join offload.managed_table t on t.id = e.managed_table
left join offload.item i on i.managed_column = e.id
left join offload.object o on o.hash = i.object_hash and i.refusal is null
left join lateral (
  select
    case when e.column_type like 'text%' then (i.source_bytes + 2) / 3 * 4 else i.source_bytes end as source,
    case when e.column_type like 'text%' then (o.bytes + 2) / 3 * 4 else o.bytes end as object
  where o.hash is not null
) v on true
group by t.relation, e.id, e.column_name, e.strategy, e.source_policy, e.threshold;

comment on view offload.compression_stats is 'What compression does for each managed column, and what each setting would save in its rows.';
comment on column offload.compression_stats.measured is 'Values whose size as an object is known.';
comment on column offload.compression_stats.refused is 'Values that were left as they were; offload.failures says why.';
comment on column offload.compression_stats.source_bytes is 'What the measured values take in the rows as the application wrote them; text as base64.';
comment on column offload.compression_stats.object_bytes is 'What they would take there as objects: images as WebP where that is smaller.';
comment on column offload.compression_stats.replace_saves is 'Bytes in the rows that source_policy => ''replace'' saves.';
comment on column offload.compression_stats.store_saves is 'Bytes in the rows that s3_primary with source_policy => ''clear'' saves.';
comment on column offload.compression_stats.hybrid_saves is 'The same with hybrid, at the column''s threshold.';
revoke all on offload.compression_stats from public;
