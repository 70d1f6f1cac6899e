-- Mark the objects that nothing refers to any more, as candidates for collection.
--
-- The objects are locked first; the next statement looks for items. Two rows that let go of an object at once would
-- otherwise each see the other's. What is known of an object may be worked off in several batches, in any order: so it is
-- a candidate from the moment of its mark on, which is never before the last reference went.

create or replace function offload.note_unreferenced(batch int default 1000, after_row tid default '(0,0)')
returns tid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set jit = off
set enable_seqscan = off
as $$
declare
  v_rows tid[];
  v_last tid;
  v_hashes bytea[];
begin
  -- One at a time: nobody else deletes what was read here.
  if not pg_catalog.pg_try_advisory_xact_lock(offload._doorbell(), 2) then
    return null;
  end if;
  select pg_catalog.array_agg(d.ctid), max(d.ctid), pg_catalog.array_agg(distinct d.object_hash)
  into v_rows, v_last, v_hashes
  from (
    -- From that row on: the dead ones before it would be looked through for each batch.
    select d.ctid, d.object_hash from offload.dereferenced d
    where d.ctid > note_unreferenced.after_row
    limit note_unreferenced.batch) d;
  v_hashes := array(
    select o.hash from offload.object o where o.hash = any (v_hashes) order by o.hash for no key update skip locked);
  with noted as (
    delete from offload.dereferenced d
    where d.ctid = any (v_rows)
      -- What another transaction holds is left for later; what is not there any more is not.
      and (d.object_hash = any (v_hashes) or not exists (select from offload.object o where o.hash = d.object_hash))
  )
  update offload.object o set unreferenced_since = pg_catalog.clock_timestamp()
  where o.hash = any (v_hashes) and o.unreferenced_since is null
    and not exists (select from offload.item i where i.object_hash = o.hash)
    and not exists (select from offload.item i where i.original_hash = o.hash);
  return case when pg_catalog.cardinality(v_rows) = note_unreferenced.batch then v_last end;
end;
$$;

comment on function offload.note_unreferenced(int, tid) is
$$Mark the objects that nothing refers to any more; returns where to go on, null at the end.

batch: at most so many entries of offload.dereferenced are looked at
after_row: where the last call ended$$;
revoke execute on function offload.note_unreferenced(int, tid) from public;
