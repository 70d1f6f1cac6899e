-- Queue the next rows of a table that no trigger saw; behind the last of them offload.count_rows counts the table.
--
-- A row is queued when one of its columns is worth a look and has no item of the row's version, or is not and has one of
-- another, and when nothing of it is and something is known. Of a column that leaves its older rows alone only what is known
-- is looked at, until offload.sweep. Each item is looked up by itself (the offset keeps them from being hashed), so that a
-- batch costs the same however many there are. What began by itself is in no hurry: a batch a second, and at the end the
-- items whose rows are gone. A table that cannot be read now, for a lock, for want of rights or of time, is put off and
-- holds up no other.

create or replace function offload.backfill(managed_table int, batch int default 1000)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_backfill offload.backfill;
  v_last text[];
  v_seen bigint := 0;
  v_is_over boolean;
  v_queued bigint := 0;
begin
  select b.* into v_backfill from offload.backfill b
  where b.managed_table = backfill.managed_table and b.state in ('pending', 'sweeping') and not b.is_counting
    and coalesce(b.ready_at, '-infinity') <= pg_catalog.clock_timestamp()
  for update skip locked;
  if not found then
    return 0;
  end if;
  if not exists (
    select from offload.managed_table t join pg_catalog.pg_class c on c.oid = t.relation
    where t.id = backfill.managed_table) then
    -- The table was dropped.
    update offload.backfill b set state = 'none' where b.managed_table = backfill.managed_table;
    return 0;
  end if;
  begin
    if v_backfill.is_pruning then
      v_last := offload.prune(backfill.managed_table, v_backfill.after_key, backfill.batch);
      v_is_over := v_last is null;
    else
      execute pg_catalog.format(
        $scan$
          with scanned as materialized (
            select s.* from offload._scan_%1$s($1, $2, $3) with ordinality s
          ), queued as (
            insert into offload.arrival (managed_table, key)
            select %1$s, s.key
            from scanned s
            where not s.is_beyond and exists (
              select from offload.managed_column c
              where c.managed_table = %1$s and c.detached_at is null and case
                when s.worth_a_look = '{}' or c.leaves_rows and $4 then exists (
                  select from offload.item i where i.managed_column = c.id and i.key = s.key offset 0)
                when c.leaves_rows or c.id <> all (s.worth_a_look) then exists (
                  select from offload.item i
                  where i.managed_column = c.id and i.key = s.key and i.row_version <> s.row_xmin offset 0)
                else $4 or not exists (
                  select from offload.item i
                  where i.managed_column = c.id and i.key = s.key and i.row_version = s.row_xmin offset 0) end)
            order by s.ordinality
            returning id
          )
          select
            (select s.key from scanned s where not s.is_beyond order by s.ordinality desc limit 1),
            (select count(*) from scanned),
            (select coalesce(pg_catalog.bool_or(s.is_beyond), false) from scanned s),
            (select count(*) from queued)
        $scan$,
        backfill.managed_table)
        into v_last, v_seen, v_is_over, v_queued
        using pg_catalog.to_jsonb(v_backfill.after_key), pg_catalog.to_jsonb(v_backfill.until_key), backfill.batch,
          v_backfill.is_forced;
      v_is_over := v_is_over or v_seen < backfill.batch;
    end if;
  exception
    when lock_not_available or query_canceled or insufficient_privilege or undefined_column or undefined_function
      or undefined_table or datatype_mismatch or invalid_text_representation then
    update offload.backfill b set
      -- The message would name the key.
      detail = case sqlstate when '22P02' then 'the key has changed its type' else sqlerrm end,
      ready_at = pg_catalog.clock_timestamp() + case sqlstate when '55P03' then interval '5 seconds' else '1 minute' end
    where b.managed_table = backfill.managed_table;
    return 0;
  end;
  update offload.backfill b set
    after_key = coalesce(v_last, b.after_key),
    looked_at = b.looked_at + v_seen,
    queued = b.queued + v_queued,
    is_forced = b.is_forced and not v_is_over,
    is_counting = v_is_over and not v_backfill.is_pruning,
    state = case when v_is_over and v_backfill.is_pruning then 'complete' else b.state end,
    ready_at = case when v_backfill.state = 'sweeping' and not v_is_over then pg_catalog.clock_timestamp() + interval '1 second' end,
    detail = null,
    finished_at = case when v_is_over and v_backfill.is_pruning then pg_catalog.clock_timestamp() end
  where b.managed_table = backfill.managed_table;
  return v_queued;
end;
$$;

comment on function offload.backfill(int, int) is
$$Queue the next rows of a table that no trigger saw; returns how many. Behind the last row the table is counted, with
offload.count_rows; it is done when its row in offload.backfill is complete.

managed_table: its id
batch: at most so many rows are looked at$$;
revoke execute on function offload.backfill(int, int) from public;
