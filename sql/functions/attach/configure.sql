-- Change how a managed column is managed. What is not named stays.

create or replace function offload.configure(
  relation regclass,
  column_name text,
  strategy text default null,
  stores text[] default null,
  local_store text default null,
  threshold bigint default null,
  source_policy text default null,
  originals text default null,
  grace interval default null,
  format text default null,
  max_edge int default null,
  max_bytes bigint default null,
  qualities int[] default null,
  flatten boolean default null,
  background text default null,
  effort text default null,
  accept_truncated boolean default null,
  max_attempts int default null
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column offload.managed_column := offload._managed(configure.relation, configure.column_name);
begin
  perform offload._refuse_outsider();
  begin
    update offload.managed_column c set
      strategy = coalesce(configure.strategy, c.strategy),
      local_store = coalesce(offload._local_store(configure.local_store), c.local_store),
      threshold = coalesce(configure.threshold, c.threshold),
      source_policy = coalesce(configure.source_policy, c.source_policy),
      originals = coalesce(configure.originals, c.originals),
      grace = coalesce(configure.grace, c.grace),
      format = coalesce(configure.format, c.format),
      max_edge = coalesce(configure.max_edge, c.max_edge),
      max_bytes = coalesce(configure.max_bytes, c.max_bytes),
      qualities = coalesce(configure.qualities, c.qualities),
      flatten = coalesce(configure.flatten, c.flatten),
      background = coalesce(configure.background, c.background),
      effort = coalesce(configure.effort, c.effort),
      accept_truncated = coalesce(configure.accept_truncated, c.accept_truncated),
      max_attempts = coalesce(configure.max_attempts, c.max_attempts)
    where c.id = v_column.id;
  exception when check_violation then
    perform offload._refuse_setting(sqlerrm);
  end;
  if configure.stores is not null then
    perform offload._set_chain(v_column.id, configure.stores);
  end if;
  perform offload._refuse_policy(v_column.id);
  if configure.source_policy is not null then
    -- It holds for the rows, too, that were given their originals back.
    update offload.item i set restores = false where i.managed_column = v_column.id and i.restores;
  end if;
  -- What was looked at under the old settings is to be looked at again.
  perform offload._look_again(v_column.managed_table, is_forced => true);
end;
$$;

comment on function offload.configure(
  regclass, text, text, text[], text, bigint, text, text, interval, text, int, bigint, int[], boolean, text, text,
  boolean, int) is
$$Change how a managed column is managed; what is not named stays. The worker then moves what is there.

relation: the table
column_name: the managed column
strategy: as in offload.attach
stores: as in offload.attach
local_store: as in offload.attach
threshold: as in offload.attach
source_policy: as in offload.attach
originals: as in offload.attach
grace: as in offload.attach
format: as in offload.attach
max_edge: as in offload.attach
max_bytes: as in offload.attach
qualities: as in offload.attach
flatten: as in offload.attach
background: as in offload.attach
effort: as in offload.attach
accept_truncated: as in offload.attach
max_attempts: as in offload.attach$$;
revoke execute on function offload.configure(
  regclass, text, text, text[], text, bigint, text, text, interval, text, int, bigint, int[], boolean, text, text,
  boolean, int) from public;
