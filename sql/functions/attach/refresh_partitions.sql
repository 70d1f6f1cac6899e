-- Have a TRUNCATE of partitions that came since the attachment seen at once, too.
--
-- Each of them is locked, and nothing else: the parent, its other partitions and the view go on.

create or replace function offload.refresh_partitions(relation regclass)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_table int := offload._managed_table(refresh_partitions.relation);
begin
  perform offload._refuse_relation(refresh_partitions.relation);
  return offload._watch_truncates(v_table);
end;
$$;

comment on function offload.refresh_partitions(regclass) is
$$Have a TRUNCATE of partitions that came since the attachment seen at once; without it the next sweep sees it. Only these
partitions are locked. Returns how many there were. Rows that a partition brought along are found by offload.sweep.

relation: the managed table$$;
revoke execute on function offload.refresh_partitions(regclass) from public;
