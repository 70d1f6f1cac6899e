-- Mark the objects that nothing refers to any more, as candidates for collection.
--
-- The objects are locked first; the next statement looks for items. Two rows that let go of an object at once would
-- otherwise each see the other's.

create or replace function offload.note_unreferenced(batch int default 1000)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_hashes bytea[];
  v_noted bigint;
begin
  if not pg_catalog.pg_try_advisory_xact_lock(offload._doorbell(), 2) then
    return 0;
  end if;
  v_hashes := array(
    select distinct d.object_hash from (select d.object_hash from offload.dereferenced d limit note_unreferenced.batch) d);
  v_hashes := array(
    select o.hash from offload.object o where o.hash = any (v_hashes) order by o.hash for no key update skip locked);
  with noted as (
    delete from offload.dereferenced d where d.object_hash = any (v_hashes) returning d.object_hash, d.at
  )
  update offload.object o set unreferenced_since = n.at
  from (select n.object_hash, max(n.at) as at from noted n group by n.object_hash) n
  where o.hash = n.object_hash and o.unreferenced_since is null
    and not exists (select from offload.item i where i.object_hash = o.hash)
    and not exists (select from offload.item i where i.original_hash = o.hash);
  get diagnostics v_noted = row_count;
  return v_noted;
end;
$$;

comment on function offload.note_unreferenced(int) is
$$Mark the objects that nothing refers to any more; returns how many.

batch: at most so many are looked at$$;
revoke execute on function offload.note_unreferenced(int) from public;
