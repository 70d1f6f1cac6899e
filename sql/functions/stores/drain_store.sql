-- Have everything that a store holds moved into another one. The worker does it in bounded batches.
--
-- First each object is copied and verified, then the rows' URLs are written anew, and at last the store is forgotten as
-- a place of these objects. Its bytes are not deleted: a restore to a point before still finds them.

create or replace function offload.drain_store(name text, target text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_store offload.store := offload._store(drain_store.name);
  v_target offload.store := offload._store(drain_store.target);
  v_problem text;
begin
  v_problem := case
    when v_store.id = v_target.id then 'A store cannot be moved into itself.'
    when v_store.kind = 'database' then 'The rows themselves hold these objects; give the columns a store: offload.configure.'
    when v_target.kind = 'database' then 'Bytes come back into their rows by another strategy: offload.configure.'
    when v_target.disabled_at is not null then pg_catalog.format(
      'It takes no objects now: select offload.enable_store(%L);', v_target.name)
    when v_target.kind <> 'directory' and exists (
      select from offload.managed_column c where c.local_store = v_store.id and c.detached_at is null)
      then 'Columns have it as their local store: move it into a directory, or give them another with offload.configure.'
  end;
  if v_problem is not null then
    raise exception using
      errcode = 'OF015', message = pg_catalog.format('store "%s" cannot be moved into "%s"', v_store.name, v_target.name),
      hint = v_problem;
  end if;

  update offload.store s set disabled_at = coalesce(s.disabled_at, pg_catalog.clock_timestamp()) where s.id = v_store.id;
  update offload.managed_column c set local_store = v_target.id where c.local_store = v_store.id;
  delete from offload.chain h
  where h.store = v_store.id and exists (
    select from offload.chain o where o.managed_column = h.managed_column and o.store = v_target.id);
  update offload.chain h set store = v_target.id where h.store = v_store.id;
  insert into offload.drain as d (store, target, objects, bytes)
  select v_store.id, v_target.id, count(*), coalesce(pg_catalog.sum(o.bytes), 0)
  from offload.replica r
  join offload.object o on o.hash = r.object_hash
  where r.store = v_store.id and r.state = 'stored'
  on conflict on constraint drain_pkey do update set
    target = excluded.target, state = 'copying', objects = excluded.objects, bytes = excluded.bytes, detail = null,
    started_at = excluded.started_at, finished_at = null;
  perform pg_catalog.pg_notify('offload', '');
  raise notice using
    message = pg_catalog.format('everything in store "%s" moves into "%s", and new objects go there', v_store.name, v_target.name),
    hint = 'See how far it is: select * from offload.store_progress; ' || offload._next_step();
end;
$$;

comment on function offload.drain_store(text, text) is
$$Have everything that a store holds moved into another one, which takes its place in every column. The worker copies
and verifies each object, writes the rows' URLs anew, and then forgets the store's copies, so that it can be dropped. Its
bytes stay where they are. See offload.store_progress; offload.enable_store ends it halfway.

name: the store
target: the store that takes its objects$$;
revoke execute on function offload.drain_store(text, text) from public;
