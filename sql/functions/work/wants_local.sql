-- Whether a strategy wants an item of this size in the local store, where that is not the row itself.

create or replace function offload._wants_local(strategy text, source_bytes bigint, threshold bigint)
returns boolean
language sql
immutable
parallel safe
begin atomic
  select strategy in ('local_primary', 'redundant') or (strategy = 'hybrid' and source_bytes <= threshold);
end;

comment on function offload._wants_local(text, bigint, bigint) is
$$Whether a strategy wants an item of this size in the local store.

strategy: the managed column's
source_bytes: the decoded bytes of the item
threshold: the managed column's$$;
revoke execute on function offload._wants_local(text, bigint, bigint) from public;
