-- The next objects that a worker is to copy out of a store that is being drained.

create or replace function offload.drain_batch(store text, after bytea default '', batch int default 100)
returns table (
  object_hash bytea, bytes bigint, media_type text, width int, height int, key text, provider jsonb)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select r.object_hash, o.bytes, o.media_type, o.width, o.height, r.key, r.provider
    from offload.store s
    join offload.drain d on d.store = s.id and d.state = 'copying'
    join offload.replica r on r.store = s.id and r.state = 'stored' and r.object_hash > drain_batch.after
    join offload.object o on o.hash = r.object_hash
    where s.name = drain_batch.store and not exists (
      select from offload.replica t where t.object_hash = r.object_hash and t.store = d.target and t.state = 'stored')
    order by r.object_hash
    limit drain_batch.batch;
end;
$$;

comment on function offload.drain_batch(text, bytea, int) is
$$The next objects that a worker is to copy out of a store that is being drained, in the order of their hashes.

store: the store's name
after: the last hash that was looked at
batch: at most so many$$;
revoke execute on function offload.drain_batch(text, bytea, int) from public;

create or replace function offload.advance_drain(store text, detail text default null)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_store int := (offload._store(advance_drain.store)).id;
  v_drain offload.drain;
  v_left bigint;
begin
  select d.* into v_drain from offload.drain d
  where d.store = v_store and d.state <> 'complete'
  for update skip locked;
  if not found then
    return null;
  end if;
  if advance_drain.detail is not null then
    update offload.drain d set detail = advance_drain.detail where d.store = v_store;
  end if;
  if v_drain.state = 'copying' then
    -- An upload that had begun before the store was disabled may still end.
    if exists (select from offload.drain_batch(advance_drain.store, batch => 1)) or exists (
      select from offload.replica r
      where r.store = v_store and r.state = 'uploading' and r.leased_until > pg_catalog.clock_timestamp()) then
      return 'copying';
    end if;
    update offload.drain d set state = 'rewriting', detail = null where d.store = v_store;
    perform offload._begin_rewrite(v_store, v_drain.target);
    return 'rewriting';
  end if;
  if exists (select from offload.rewrite r where r.store = v_store and r.state = 'pending') then
    return 'rewriting';
  end if;
  v_left := (select coalesce(pg_catalog.sum(r.left_behind), 0) from offload.rewrite r where r.store = v_store);
  if v_left = 0 then
    -- What a detached column's rows still name stays known.
    with forgotten as (
      select r.object_hash
      from offload.replica r
      where r.store = v_store and r.state <> 'deleting' and not exists (
        select from offload.item i
        join offload.managed_column c on c.id = i.managed_column and c.detached_at is not null
        where i.object_hash = r.object_hash)
      limit 5000
      for update skip locked
    )
    delete from offload.replica r using forgotten f where r.store = v_store and r.object_hash = f.object_hash;
    if found then
      return 'rewriting';
    end if;
  end if;
  update offload.drain d set
    state = 'complete', finished_at = pg_catalog.clock_timestamp(),
    detail = case
      when v_left > 0 then pg_catalog.format('%s URLs still name the store, so its copies stay known: %s', v_left, (
        select r.detail from offload.rewrite r where r.store = v_store and r.left_behind > 0 limit 1))
      when exists (select from offload.replica r where r.store = v_store) then
        'rows of detached columns still name the rest: select offload.release_detached(…);'
    end
  where d.store = v_store;
  return 'complete';
end;
$$;

comment on function offload.advance_drain(text, text) is
$$Bring a drain one step on, where nothing is left to copy; returns its state, null where another worker is at it.

store: the store's name
detail: what keeps it, for a person to read$$;
revoke execute on function offload.advance_drain(text, text) from public;
