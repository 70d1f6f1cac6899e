-- Whether a strategy wants an item of this size in its row: where it wants it local, and the row is the local store.

create or replace function offload._wants_row(strategy text, source_bytes bigint, threshold bigint, local_store int)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return offload._wants_local(_wants_row.strategy, _wants_row.source_bytes, _wants_row.threshold) and not exists (
    select from offload.store s where s.id = _wants_row.local_store and s.kind <> 'database');
end;
$$;

comment on function offload._wants_row(text, bigint, bigint, int) is
$$Whether a strategy wants an item of this size in its row.

strategy: the managed column's
source_bytes: the decoded bytes of the item
threshold: the managed column's
local_store: the managed column's; null: the row itself$$;
revoke execute on function offload._wants_row(text, bigint, bigint, int) from public;
