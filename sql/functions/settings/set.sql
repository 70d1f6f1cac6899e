-- Set what holds for every managed column that says nothing of its own, and have their rows looked at again.

create or replace function offload.set(name text, value text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_column record;
begin
  if set.value is null then
    delete from offload.setting s where s.name = set.name;
  else
    if set.name = 'local_store' then
      perform offload._local_store(set.value);
    end if;
    insert into offload.setting as s (name, value) values (set.name, set.value)
    on conflict on constraint setting_pkey do update set
      value = excluded.value, origin = 'sql', set_at = pg_catalog.clock_timestamp();
  end if;
  if set.name in ('doorbell', 'sweep_every', 'max_attempts') then
    perform offload._ring();
    return;
  end if;
  for v_column in
    select e.id, e.relation, e.column_name, e.kind
    from offload.effective_column e
    where exists (select from pg_catalog.pg_class c where c.oid = e.relation)
    order by e.id
  loop
    perform offload._refuse_policy(v_column.id);
    if set.name = 'source_policy' and set.value <> 'keep' and v_column.kind = 'image' and exists (
      select from offload.managed_column c
      where c.id = v_column.id and c.source_policy is null and c.originals is null
        and not exists (select from offload.setting s where s.name = 'originals')) then
      raise exception using
        errcode = 'OF011',
        message = pg_catalog.format('source_policy %s would drop the original images of column %I of table %s', set.value,
          v_column.column_name, v_column.relation),
        hint = 'Say first what becomes of them: select offload.set(''originals'', ''archive''); or ''discard''.';
    end if;
  end loop;
  -- What was looked at under the old settings is to be looked at again, to the end of each table.
  update offload.backfill b set
    state = 'pending', after_key = null, until_key = null, is_forced = true, is_pruning = false, looked_at = 0,
    queued = 0, ready_at = null, detail = null, started_at = pg_catalog.clock_timestamp(), finished_at = null
  where b.state <> 'none';
  perform offload._ring();
end;
$$;

comment on function offload.set(text, text) is
$$Set what holds for every managed column that says nothing of its own, and have their rows looked at again.

name: strategy, threshold, local_store, source_policy, originals, grace, format, max_edge, max_bytes, qualities, flatten,
background, effort, accept_truncated or max_attempts, as in offload.attach; doorbell (on, off); sweep_every (how long a
table is left alone before a worker looks at it again by itself; 0: it never does)
value: what it is to be, as text; null: the default again$$;
revoke execute on function offload.set(text, text) from public;
