-- Record what became of each row that passed the fence, and end or put off its job.

create or replace function offload._settle(lease uuid, rows jsonb, items jsonb, outcomes jsonb)
returns table (job bigint, outcome text)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_custom_plan
set jit = off
as $$
#variable_conflict use_column
declare
  v_settled jsonb;
begin
  -- Where nothing was asked, the table is gone; a row that passed is unplaced or waiting where an item of it is.
  v_settled := (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'job', r.job, 'table', r."table", 'key', r.key, 'xmin', o.xmin, 'due', i.due,
      'outcome', case
        when r.ctid is null and o.outcome is null then 'gone'
        when o.outcome not in ('written', 'unchanged') then o.outcome
        when not i.is_placed then 'unplaced'
        when i.due is not null then 'waiting'
        else o.outcome end)), '[]')
    from pg_catalog.jsonb_to_recordset(_settle.rows) r (job bigint, "table" int, key jsonb, ctid text)
    -- Joined, not looked up for each row: the cost of many rows must not grow with their square.
    left join (
      select d.key::bigint as job, d.value ->> 'outcome' as outcome, d.value ->> 'xmin' as xmin
      from pg_catalog.jsonb_each(_settle.outcomes) d
    ) o on o.job = r.job
    left join (
      select
        i.job,
        pg_catalog.bool_and(i.is_placed) as is_placed,
        min(i.due) filter (where not i.clears) as due
      from pg_catalog.jsonb_to_recordset(_settle.items) i (job bigint, is_placed boolean, due timestamptz, clears boolean)
      group by i.job
    ) i on i.job = r.job);

  perform offload._record(v_settled, _settle.items);

  delete from offload.job j
  using pg_catalog.jsonb_to_recordset(v_settled) s (job bigint, outcome text)
  where j.id = s.job and coalesce(j.lease = _settle.lease, false) and s.outcome in ('written', 'unchanged', 'gone');
  -- Seldom, and not free where there is none.
  if v_settled @? '$[*] ? (@.outcome != "written" && @.outcome != "unchanged" && @.outcome != "gone")' then
    update offload.job j set
      lease = null, leased_until = null,
      attempts = case when s.outcome = 'waiting' then 0 else j.attempts - 1 end,
      ready_at = case s.outcome
        when 'waiting' then s.due
        when 'unplaced' then pg_catalog.date_trunc('second', pg_catalog.clock_timestamp()) + interval '30 seconds'
        -- An application may hold its row for hours: ever longer, as the job grows older.
        when 'locked' then pg_catalog.clock_timestamp() + least(interval '30 seconds',
          greatest(interval '200 milliseconds', (pg_catalog.clock_timestamp() - j.created_at) / 4))
        else pg_catalog.clock_timestamp() end,
      reason = case when s.outcome = 'unplaced' then 'store_unavailable' end,
      detail = null
    from pg_catalog.jsonb_to_recordset(v_settled) s (job bigint, outcome text, due timestamptz)
    where j.id = s.job and coalesce(j.lease = _settle.lease, false) and s.outcome not in ('written', 'unchanged', 'gone');
  end if;

  return query
    select s.job, s.outcome from pg_catalog.jsonb_to_recordset(v_settled) s (job bigint, outcome text);
end;
$$;

comment on function offload._settle(uuid, jsonb, jsonb, jsonb) is
$$Record what became of each row, and end or put off its job.

lease: as the claim gave it
rows: the rows that are still held
items: as _judge returns them
outcomes: what the write-back said of each job$$;
revoke execute on function offload._settle(uuid, jsonb, jsonb, jsonb) from public;
