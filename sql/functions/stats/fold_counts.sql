-- Fold many count entries into few: the same sums, read faster.
--
-- A folded entry keeps the largest id of its parts, so that a TRUNCATE which commits later still makes it void.

create or replace function offload.fold_counts()
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
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
    with gone as (
      delete from offload.count_entry e returning e.*
    ), reset as (
      select g.managed_column, g.leaf, max(g.id) as id from gone g where g.is_reset group by g.managed_column, g.leaf
    ), folded as (
      insert into offload.count_entry (
        id, managed_column, leaf, rows, with_url, with_source, with_both, row_bytes, store_bytes, saved_bytes)
      overriding system value
      select
        max(g.id), g.managed_column, g.leaf, pg_catalog.sum(g.rows), pg_catalog.sum(g.with_url), pg_catalog.sum(g.with_source),
        pg_catalog.sum(g.with_both), pg_catalog.sum(g.row_bytes), pg_catalog.sum(g.store_bytes), pg_catalog.sum(g.saved_bytes)
      from gone g
      left join reset r on r.managed_column = g.managed_column and r.leaf = g.leaf
      where r.id is null or g.id > r.id
      group by g.managed_column, g.leaf
    )
    select count(*) into v_folded from gone;
  end if;
  if (select count(*) from (select from offload.row_entry limit 100) e) = 100 then
    with gone as (
      delete from offload.row_entry e returning e.*
    ), reset as (
      select g.managed_column, g.leaf, max(g.id) as id from gone g where g.rows is null group by g.managed_column, g.leaf
    ), folded as (
      insert into offload.row_entry (id, managed_column, leaf, rows, row_bytes)
      overriding system value
      select max(g.id), g.managed_column, g.leaf, pg_catalog.sum(g.rows), pg_catalog.sum(g.row_bytes)
      from gone g
      left join reset r on r.managed_column = g.managed_column and r.leaf = g.leaf
      where r.id is null or g.id > r.id
      group by g.managed_column, g.leaf
    )
    select count(*) into v_folded_rows from gone;
  end if;
  return v_folded + v_folded_rows;
end;
$$;

comment on function offload.fold_counts() is 'Fold many count entries into few; returns how many there were.';
revoke execute on function offload.fold_counts() from public;
