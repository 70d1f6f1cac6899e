-- How an object stands to where an item of this size wants it: whether it lies there, and which URL a row carries for it.
--
-- Of a chain one store is enough; the local store, where it is not the row itself, must hold it, too. The store that the
-- row names already stays; nothing moves back by itself. Without a search path of its own, so that it becomes a part of
-- the statement that asks.

create or replace function offload._placing(
  managed_column int, strategy text, threshold bigint, local_store int,
  source_bytes bigint, object_hash bytea, named_store int, prefers boolean)
returns table (is_placed boolean, is_preferred boolean, opens boolean, store int, url text)
language sql
stable
begin atomic
  select
    pg_catalog.bool_and(g.is_there),
    pg_catalog.bool_and(g.is_preferred),
    pg_catalog.bool_and(g.opens) filter (where not g.is_local),
    (pg_catalog.array_agg(g.store order by g.is_local) filter (where g.store is not null))[1],
    (pg_catalog.array_agg(g.url order by g.is_local) filter (where g.store is not null))[1]
  from (
    select
      h.is_local,
      pg_catalog.bool_or(h.is_there) as is_there,
      pg_catalog.bool_or(h.is_there and (h.is_local or h.ordinal = 1 or not _placing.prefers)) as is_preferred,
      pg_catalog.bool_and(coalesce(h.opens, false)) filter (where h.is_there) as opens,
      (pg_catalog.array_agg(h.store order by h.is_named desc nulls last, h.ordinal) filter (where h.url is not null))[1] as store,
      (pg_catalog.array_agg(h.url order by h.is_named desc nulls last, h.ordinal) filter (where h.url is not null))[1] as url
    from (
      select
        w.is_local, w.ordinal, w.store, not _placing.prefers and w.store = _placing.named_store as is_named,
        r.object_hash is not null as is_there, k.opens,
        case when r.object_hash is not null then coalesce(r.url, u.prefix || r.key) end as url
      from (
        select c.store, false as is_local, c.ordinal
        from offload.chain c
        where c.managed_column = _placing.managed_column
          and offload._wants_chain(_placing.strategy, _placing.source_bytes, _placing.threshold)
        union all
        select s.id, true, 0
        from offload.store s
        where s.id = _placing.local_store and s.kind <> 'database'
          and offload._wants_local(_placing.strategy, _placing.source_bytes, _placing.threshold)
      ) w
      left join offload.replica r on r.store = w.store and r.object_hash = _placing.object_hash and r.state = 'stored'
      left join offload.store_url u on u.store = w.store and u.is_current
      left join offload.store_check k on k.store = w.store
    ) h
    group by h.is_local
  ) g;
end;

comment on function offload._placing(int, text, bigint, int, bigint, bytea, int, boolean) is
$$How an object stands to where an item wants it: whether it lies there, and in the first store of the chain where that
is preferred; whether the remote URLs open; the store and the URL that a row names. All null where no store is wanted.

managed_column: its id
strategy: the managed column's
threshold: the managed column's
local_store: the managed column's
source_bytes: the decoded bytes of the item
object_hash: the object
named_store: the store that the row names
prefers: whether it is to go to the first store of the chain$$;
revoke execute on function offload._placing(int, text, bigint, int, bigint, bytea, int, boolean) from public;
