-- Make, or make anew, all that a managed table needs: functions, triggers, view, rights.
--
-- The functions belong to the table's owner, and the triggers read like the table's own. Everything depends on the
-- extension where there is one, so that dropping it leaves the application's writes working.

create or replace function offload._generate(managed_table int)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_relation regclass := (select t.relation from offload.managed_table t where t.id = _generate.managed_table);
  v_owner name := (
    select pg_catalog.pg_get_userbyid(c.relowner) from pg_catalog.pg_class c where c.oid = v_relation);
  v_id text := _generate.managed_table::text;
  v_watched text;
  v_brings_url text;
  v_has_url text;
  v_is_captured text := '';
  v_is_apart boolean := offload._guards_apart(_generate.managed_table);
  v_source text;
begin
  for v_source in select s.source from offload._generated_source(_generate.managed_table) s loop
    execute v_source;
  end loop;
  perform offload._entrust(_generate.managed_table, v_owner);

  -- A BEFORE trigger of the table's own may change the source without the statement naming it; then each update must
  -- be looked at, and conditions keep most of them from a call. Otherwise only those come that name our columns or the
  -- key, and there a condition, which Postgres reads and plans anew for each statement, costs more than the call.
  v_watched := case when offload._is_changed_before(_generate.managed_table)
    then ''
    else ' of ' || (
      select pg_catalog.string_agg(pg_catalog.quote_ident(n.name), ', ')
      from offload._watched_column(_generate.managed_table) n (name))
    end;
  -- Where no URL comes and none goes there is nothing to guard.
  select
    pg_catalog.string_agg(pg_catalog.format('new.%I is not null', c.url_column), ' or ' order by c.id),
    pg_catalog.string_agg(pg_catalog.format('new.%1$I is not null or old.%1$I is not null', c.url_column), ' or ' order by c.id)
  into v_brings_url, v_has_url
  from offload.managed_column c
  where c.managed_table = _generate.managed_table and c.detached_at is null;
  if v_watched = '' then
    v_has_url := pg_catalog.format(' when (%s)', v_has_url);
    v_is_captured := pg_catalog.format(' when (%s)', offload._is_captured(_generate.managed_table));
  else
    v_has_url := '';
  end if;
  if offload._guards_inserts(_generate.managed_table) or exists (
    select from pg_catalog.pg_trigger t
    where t.tgrelid = v_relation and t.tgname = pg_catalog.format('zz_offload_admit_%s', v_id))
  then
    execute pg_catalog.format(
      'create or replace trigger zz_offload_admit_%s before insert on %s for each row when (%s) execute function offload._guard_%s()',
      v_id, v_relation, v_brings_url, v_id);
    perform offload._depend_on_extension(pg_catalog.format('trigger zz_offload_admit_%s on %s', v_id, v_relation));
  end if;
  execute pg_catalog.format(
    'create or replace trigger zz_offload_guard_%s before update%s on %s for each row%s execute function offload.%I()',
    v_id, v_watched, v_relation, v_has_url, case when v_is_apart then '_guard_' else '_change_' end || v_id);
  execute pg_catalog.format(
    'create or replace trigger zz_offload_capture_%s after insert or delete on %s for each row execute function offload._capture_%s()',
    v_id, v_relation, v_id);
  if v_is_apart then
    execute pg_catalog.format(
      'create or replace trigger zz_offload_change_%s after update%s on %s for each row%s execute function offload._change_%s()',
      v_id, v_watched, v_relation, v_is_captured, v_id);
    perform offload._depend_on_extension(pg_catalog.format('trigger zz_offload_change_%s on %s', v_id, v_relation));
  elsif exists (
    select from pg_catalog.pg_trigger t
    where t.tgrelid = v_relation and t.tgname = pg_catalog.format('zz_offload_change_%s', v_id))
  then
    execute pg_catalog.format('drop trigger zz_offload_change_%s on %s', v_id, v_relation);
  end if;
  perform offload._depend_on_extension(pg_catalog.format('trigger zz_offload_guard_%s on %s', v_id, v_relation));
  perform offload._depend_on_extension(pg_catalog.format('trigger zz_offload_capture_%s on %s', v_id, v_relation));
  perform offload._watch_truncates(_generate.managed_table);
  perform offload._generate_view(_generate.managed_table);
  perform offload._grant_generated(_generate.managed_table);
end;
$$;

comment on function offload._generate(int) is
$$Make, or make anew, all that a managed table needs.

managed_table: its id$$;
revoke execute on function offload._generate(int) from public;
