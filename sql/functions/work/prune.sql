-- Find items whose rows are gone, and queue those rows: what a TRUNCATE, or a deletion without triggers, left behind.
--
-- The index of the items begins with the column: each column's keys are read in order from after_key on, and merged.

create or replace function offload.prune(managed_table int, after_key text[] default null, batch int default 1000)
returns text[]
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
-- Along the indexes, whatever was last known of the tables' sizes: what a batch costs must not grow with them.
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_hashagg = off
as $$
declare
  v_last text[];
begin
  if not exists (
    select from offload.managed_table t join pg_catalog.pg_class c on c.oid = t.relation
    where t.id = prune.managed_table) then
    return null;
  end if;
  execute pg_catalog.format(
    $prune$
      with item as materialized (
        select distinct k.key
        from offload.managed_column c
        cross join lateral (
          select distinct i.key
          from offload.item i
          where i.managed_column = c.id and i.key > coalesce($1, '{}')
          order by i.key
          limit $2
        ) k
        where c.managed_table = %1$s and c.detached_at is null
        order by k.key
        limit $2
      ), numbered as materialized (
        select i.key, pg_catalog.row_number() over (order by i.key)::int as n from item i
      ), gone as (
        select distinct f.n
        from offload._fetch_%1$s((select pg_catalog.jsonb_agg(pg_catalog.to_jsonb(m.key) order by m.n) from numbered m), null) f
        where f.row_ctid is null
      ), queued as (
        insert into offload.arrival (managed_table, key)
        select %1$s, m.key from numbered m join gone g on g.n = m.n
      )
      select (select m.key from numbered m order by m.n desc limit 1)
      where (select count(*) from numbered) = $2
    $prune$,
    prune.managed_table)
    into v_last
    using prune.after_key, prune.batch;
  return v_last;
end;
$$;

comment on function offload.prune(int, text[], int) is
$$Queue rows that are gone while their items are still there; returns where to go on, null at the end.

managed_table: its id
after_key: where the last call ended
batch: at most so many rows are looked at$$;
revoke execute on function offload.prune(int, text[], int) from public;
