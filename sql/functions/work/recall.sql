-- What is known of a value already, so that what is right costs no encoding and no upload: its object, or why it was
-- refused, and which bytes are wanted in the row in place of what stands there.
--
-- In plpgsql, like all that is called for each value: its plan is kept.

create or replace function offload.recall(
  job bigint, managed_column int, "position" int, source_hash bytea, source_bytes bigint, url text,
  out object_hash bytea, out refusal text, out detail text, out origin_bytes bigint, out is_placed boolean,
  out content_hash bytea, out is_data_uri boolean, out keeps_source boolean, out lacks_original boolean)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_column offload.effective_column;
  v_key text[] := (select j.key from offload.job j where j.id = recall.job);
  v_item offload.item;
  v_prefers boolean;
begin
  select e.* into v_column from offload.effective_column e where e.id = recall.managed_column;
  select i.* into v_item from offload.item i
  where i.managed_column = recall.managed_column and i.key = v_key and i.position = recall.position;
  if recall.source_hash is null then
    object_hash := offload._object_at(recall.url);
  else
    select d.object_hash, d.refusal, d.detail into object_hash, refusal, detail
    from offload.derivation d
    where d.profile = v_column.profile and d.source_hash = recall.source_hash;
  end if;

  -- What stands there may be the item's object, in the place of what the application wrote.
  if recall.source_hash is null or recall.source_hash = v_item.object_hash
    or (v_item.key is null and recall.source_hash = object_hash) then
    origin_bytes := (
      offload._origin(recall.managed_column, v_key, recall.position, coalesce(recall.source_hash, object_hash))).source_bytes;
  else
    origin_bytes := recall.source_bytes;
  end if;
  v_prefers := (
    select coalesce(c.preferred_at > v_item.placed_at, false) from offload.managed_column c where c.id = recall.managed_column);
  is_placed := object_hash is not null
    and offload._is_placed(recall.managed_column, origin_bytes, object_hash, v_prefers);

  is_data_uri := v_item.is_data_uri;
  keeps_source := coalesce(v_item.restores and (
    recall.source_hash is null or recall.source_hash in (v_item.source_hash, v_item.object_hash, v_item.original_hash)), false);
  if keeps_source and v_item.original_hash is distinct from recall.source_hash then
    content_hash := v_item.original_hash;
  elsif recall.source_hash is null
    and offload._wants_row(v_column.strategy, origin_bytes, v_column.threshold, v_column.local_store) then
    content_hash := object_hash;
  end if;
  lacks_original := v_column.kind = 'image' and v_column.originals = 'archive' and v_column.source_policy <> 'keep'
    and not keeps_source and object_hash <> recall.source_hash
    and not exists (
      select from offload.archive_store(recall.managed_column) a
      join offload.replica r on r.store = a.store and r.object_hash = recall.source_hash and r.state = 'stored');
  lacks_original := coalesce(lacks_original, false);
end;
$$;

comment on function offload.recall(bigint, int, int, bytea, bigint, text) is
$$What is known of a value already: its object, or why it was refused, the bytes of what the application wrote, whether
its object lies where it is wanted, which object is wanted in the row, in which form, whether the source stays
whatever the policy says, and whether it is to be archived yet, before it goes.

job: the claimed job
managed_column: its id; the settings that decide are its own
position: 0, or an element's place from 1
source_hash: SHA-256 of the decoded source; null: it is gone
source_bytes: how many they are
url: where the source is gone, the URL that stands for it$$;
revoke execute on function offload.recall(bigint, int, int, bytea, bigint, text) from public;
