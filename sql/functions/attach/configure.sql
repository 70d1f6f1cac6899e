-- Change how a managed column is managed. What is not named stays, and what reset names goes back to offload.setting's
-- word, or the default.
--
-- Rows are looked at again where something changed. With nothing named they are, too: offload.setting may have changed.

create or replace function offload._column_facts(managed_column int)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.to_jsonb(e) - 'max_attempts' || pg_catalog.jsonb_build_object('chain', (
    select pg_catalog.jsonb_agg(h.store order by h.ordinal) from offload.chain h where h.managed_column = e.id))
  from offload.effective_column e
  where e.id = _column_facts.managed_column;
$$;

comment on function offload._column_facts(int) is
$$What decides what becomes of a managed column's rows.

managed_column: its id$$;
revoke execute on function offload._column_facts(int) from public;

create or replace function offload._reset_setting(managed_column int, name text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_known text[] := '{strategy,local_store,threshold,source_policy,originals,grace,format,max_edge,max_bytes,qualities,flatten,background,effort,accept_truncated,max_attempts}';
begin
  if _reset_setting.name <> all (v_known) then
    raise exception using
      errcode = 'OF015', message = pg_catalog.format('there is no setting %s to reset', _reset_setting.name),
      hint = pg_catalog.format('The settings are %s.', pg_catalog.array_to_string(v_known, ', '));
  end if;
  execute pg_catalog.format('update offload.managed_column set %I = null where id = $1', _reset_setting.name)
    using _reset_setting.managed_column;
end;
$$;

comment on function offload._reset_setting(int, text) is
$$Take away what a managed column says of its own.

managed_column: its id
name: the setting$$;
revoke execute on function offload._reset_setting(int, text) from public;

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
  max_attempts int default null,
  view_name text default null,
  reset text[] default null
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column offload.managed_column := offload._managed(configure.relation, configure.column_name);
  v_before jsonb;
  v_pins bigint := 0;
  v_setting text;
  v_names_nothing boolean := pg_catalog.num_nonnulls(
    configure.strategy, configure.stores, configure.local_store, configure.threshold, configure.source_policy,
    configure.originals, configure.grace, configure.format, configure.max_edge, configure.max_bytes, configure.qualities,
    configure.flatten, configure.background, configure.effort, configure.accept_truncated, configure.max_attempts,
    configure.view_name, configure.reset) = 0;
begin
  perform offload._refuse_outsider();
  v_before := offload._column_facts(v_column.id);
  for v_setting in
    select r.name from pg_catalog.unnest(configure.reset || case when configure.local_store = '' then 'local_store' end) r (name)
    where r.name is not null
  loop
    perform offload._reset_setting(v_column.id, v_setting);
  end loop;
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
    get diagnostics v_pins = row_count;
  end if;
  if configure.view_name is not null then
    perform offload._refuse_relation(configure.relation);
    perform offload._set_view(v_column.managed_table, nullif(configure.view_name, ''));
  end if;
  if v_names_nothing then
    raise notice using
      message = pg_catalog.format('nothing is changed; the rows of table %s are looked at again, under the settings that hold now',
        configure.relation),
      hint = 'To take a setting away, name it in reset: reset => ''{max_edge,local_store}''.';
  end if;
  if v_names_nothing or v_pins > 0 or offload._column_facts(v_column.id) <> v_before then
    perform offload._look_again(v_column.managed_table, is_forced => true);
  end if;
end;
$$;

comment on function offload.configure(
  regclass, text, text, text[], text, bigint, text, text, interval, text, int, bigint, int[], boolean, text, text,
  boolean, int, text, text[]) is
$$Change how a managed column is managed; what is not named stays. Where something changed, the worker then moves what is
there. With nothing named, every row is looked at again, as after a change of offload.setting.

relation: the table
column_name: the managed column
strategy: as in offload.attach
stores: as in offload.attach
local_store: as in offload.attach; '': none of its own, so that it is the row itself
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
max_attempts: as in offload.attach
view_name: another name of the table's view; '': none
reset: settings that go back to what offload.setting says, or to the default: '{max_edge,threshold}'$$;
revoke execute on function offload.configure(
  regclass, text, text, text[], text, bigint, text, text, interval, text, int, bigint, int[], boolean, text, text,
  boolean, int, text, text[]) from public;
