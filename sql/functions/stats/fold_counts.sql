-- Fold many count entries into few: the same sums, read faster.
--
-- A folded entry keeps the largest id of its parts, so that a TRUNCATE which commits later still makes it void. Entries
-- are taken as they lie, at most so many; what a TRUNCATE made void among them just goes. The TRUNCATE's own entry goes
-- with all that came before it: with the last call, which leaves nothing. Who could still bring an older entry would
-- hold the table that it locks.

create or replace function offload.fold_counts(batch int default 200000)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_folded bigint := 0;
  v_folded_rows bigint := 0;
begin
  -- One at a time: a second could pass over a reset that the first has folded.
  if not pg_catalog.pg_try_advisory_xact_lock(offload._doorbell(), 3) then
    return 0;
  end if;
  if (select count(*) from (select from offload.count_entry limit 100) e) = 100 then
    with reset as materialized (
      select e.managed_column, e.leaf, max(e.id) as id from offload.count_entry e where e.is_reset
      group by e.managed_column, e.leaf
    ), chosen as materialized (
      select e.ctid from offload.count_entry e where not e.is_reset limit fold_counts.batch
    ), taken as (
      select c.ctid from chosen c
      union all
      select e.ctid from offload.count_entry e where e.is_reset and (select count(*) from chosen) < fold_counts.batch
    ), gone as (
      delete from offload.count_entry e where e.ctid = any (array(select t.ctid from taken t)) returning e.*
    ), folded as (
      insert into offload.count_entry (
        id, managed_column, leaf, rows, with_url, with_source, with_both, row_bytes, store_bytes, saved_bytes)
      overriding system value
      select
        max(g.id), g.managed_column, g.leaf, pg_catalog.sum(g.rows), pg_catalog.sum(g.with_url), pg_catalog.sum(g.with_source),
        pg_catalog.sum(g.with_both), pg_catalog.sum(g.row_bytes), pg_catalog.sum(g.store_bytes), pg_catalog.sum(g.saved_bytes)
      from gone g
      left join reset r on r.managed_column = g.managed_column and r.leaf = g.leaf
      where not g.is_reset and (r.id is null or g.id > r.id)
      group by g.managed_column, g.leaf
    )
    select count(*) into v_folded from gone;
  end if;
  if (select count(*) from (select from offload.row_entry limit 100) e) = 100 then
    with reset as materialized (
      select e.managed_column, e.leaf, max(e.id) as id from offload.row_entry e where e.rows is null
      group by e.managed_column, e.leaf
    ), chosen as materialized (
      select e.ctid from offload.row_entry e where e.rows is not null limit fold_counts.batch
    ), taken as (
      select c.ctid from chosen c
      union all
      select e.ctid from offload.row_entry e where e.rows is null and (select count(*) from chosen) < fold_counts.batch
    ), gone as (
      delete from offload.row_entry e where e.ctid = any (array(select t.ctid from taken t)) returning e.*
    ), folded as (
      insert into offload.row_entry (id, managed_column, leaf, rows, row_bytes)
      overriding system value
      select max(g.id), g.managed_column, g.leaf, pg_catalog.sum(g.rows), pg_catalog.sum(g.row_bytes)
      from gone g
      left join reset r on r.managed_column = g.managed_column and r.leaf = g.leaf
      where g.rows is not null and (r.id is null or g.id > r.id)
      group by g.managed_column, g.leaf
    )
    select count(*) into v_folded_rows from gone;
  end if;
  return v_folded + v_folded_rows;
end;
$$;

comment on function offload.fold_counts(int) is
$$Fold many count entries into few; returns how many there were. Where it is not fewer than the batch, there may be more.

batch: at most so many of each kind are taken$$;
revoke execute on function offload.fold_counts(int) from public;
