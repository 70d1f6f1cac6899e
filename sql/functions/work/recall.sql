-- What is known of some sources already, so that a duplicate costs no encoding and no upload.
--
-- In plpgsql, like all that is called for each value: its plan is kept.

create or replace function offload.recall(managed_column int, source_hashes bytea[])
returns table (
  source_hash bytea, object_hash bytea, bytes bigint, media_type text, refusal text, detail text, is_placed boolean)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select d.source_hash, d.object_hash, o.bytes, o.media_type, d.refusal, d.detail,
      d.object_hash is not null and offload._is_placed(recall.managed_column, d.source_bytes, d.object_hash)
    from offload.effective_column e
    join offload.derivation d on d.profile = e.profile and d.source_hash = any (recall.source_hashes)
    left join offload.object o on o.hash = d.object_hash
    where e.id = recall.managed_column;
end;
$$;

comment on function offload.recall(int, bytea[]) is
$$What is known of some sources already: their object, or why they were refused.

managed_column: its id; the settings that decide are its own
source_hashes: SHA-256 of each decoded source$$;
revoke execute on function offload.recall(int, bytea[]) from public;
