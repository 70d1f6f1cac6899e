-- Whether logical replication brings a table's rows: they are the publisher's to process, and its URLs arrive by
-- themselves.

create or replace function offload._is_subscribed(relation regclass)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from pg_catalog.pg_subscription_rel s
    where s.srrelid = _is_subscribed.relation
      or s.srrelid in (select p.relid from pg_catalog.pg_partition_tree(_is_subscribed.relation) p));
$$;

comment on function offload._is_subscribed(regclass) is
$$Whether logical replication brings a table's rows, or those of a partition of it.

relation: the table$$;
revoke execute on function offload._is_subscribed(regclass) from public;
