-- The sum of the count entries for each managed column and leaf; what a TRUNCATE made void is left out.

create or replace view offload._leaf_count as
select
  e.managed_column,
  e.leaf,
  pg_catalog.sum(e.rows)::bigint as rows,
  pg_catalog.sum(e.with_url)::bigint as with_url,
  pg_catalog.sum(e.with_source)::bigint as with_source,
  pg_catalog.sum(e.with_both)::bigint as with_both,
  pg_catalog.sum(e.row_bytes)::bigint as row_bytes,
  pg_catalog.sum(e.store_bytes)::bigint as store_bytes,
  pg_catalog.sum(e.saved_bytes)::bigint as saved_bytes
from (
  select e.managed_column, e.leaf, e.rows, e.with_url, e.with_source, e.with_both, e.row_bytes, e.store_bytes, e.saved_bytes
  from offload.count_entry e
  left join (
    select r.managed_column, r.leaf, max(r.id) as id
    from offload.count_entry r
    where r.is_reset
    group by r.managed_column, r.leaf
  ) r on r.managed_column = e.managed_column and r.leaf = e.leaf
  where r.id is null or e.id > r.id
  union all
  select e.managed_column, e.leaf, e.rows, 0, e.rows, 0, e.row_bytes, 0, 0
  from offload.row_entry e
  left join (
    select r.managed_column, r.leaf, max(r.id) as id
    from offload.row_entry r
    where r.rows is null
    group by r.managed_column, r.leaf
  ) r on r.managed_column = e.managed_column and r.leaf = e.leaf
  where r.id is null or e.id > r.id
) e
group by e.managed_column, e.leaf;

comment on view offload._leaf_count is 'The sum of the count entries for each managed column and leaf.';
revoke all on offload._leaf_count from public;
