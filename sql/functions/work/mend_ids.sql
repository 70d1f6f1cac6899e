-- Where the ids of our tables come from, and which comes next. A sequence that was set back, by a restore without
-- sequences or because a subscription brings rows and no sequences, gives ids anew that are taken.

create or replace view offload._sequence as
select
  s.name::regclass as sequence, s.next, s.largest,
  coalesce(s.next <= s.largest, false) as is_behind,
  pg_catalog.format('select setval(%L, %s);', s.name, s.largest + 1000) as remedy
from (
  select 'offload.arrival_id_seq'::text as name, (n.last_value + n.is_called::int)::bigint as next, (
    -- Those that were claimed among them.
    select max(a.id) from offload.arrival a)::bigint as largest
  from offload.arrival_id_seq n
  union all
  select 'offload.count_entry_id_seq'::text as name, (n.last_value + n.is_called::int)::bigint as next, (select max(e.id) from offload.count_entry e)::bigint as largest
  from offload.count_entry_id_seq n
  union all
  select 'offload.row_entry_id_seq'::text as name, (n.last_value + n.is_called::int)::bigint as next, (select max(e.id) from offload.row_entry e)::bigint as largest
  from offload.row_entry_id_seq n
  union all
  select 'offload.store_id_seq'::text as name, (n.last_value + n.is_called::int)::bigint as next, (select max(e.id) from offload.store e)::bigint as largest
  from offload.store_id_seq n
  union all
  select 'offload.managed_table_id_seq'::text as name, (n.last_value + n.is_called::int)::bigint as next, (select max(e.id) from offload.managed_table e)::bigint as largest
  from offload.managed_table_id_seq n
  union all
  select 'offload.managed_column_id_seq'::text as name, (n.last_value + n.is_called::int)::bigint as next, (select max(e.id) from offload.managed_column e)::bigint as largest
  from offload.managed_column_id_seq n
) s;

comment on view offload._sequence is 'Which id comes next in each of our tables, and whether it is taken already.';
comment on column offload._sequence.remedy is 'Sets the sequence behind the largest id, and some further: others may take ids meanwhile.';
revoke all on offload._sequence from public;

-- Set the sequences that are behind their tables forward, and give new ids to the jobs that came with ids of others.
--
-- A claim would fail at the first of these, and find it again each time. Idempotent, and harmless beside all other work.

create or replace function offload.mend_ids()
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
set enable_hashjoin = off
as $$
declare
  v_mended bigint;
  v_moved bigint;
begin
  select count(pg_catalog.setval(s.sequence, s.largest + 1000)) into v_mended
  from offload._sequence s
  where s.is_behind;
  with twice as (
    select a.id
    from offload.job j
    join only offload.arrival a on a.id = j.id
    for update of a skip locked
  ), gone as (
    delete from only offload.arrival a where a.id in (select t.id from twice t)
    returning a.managed_table, a.key, a.created_at
  )
  insert into offload.arrival (managed_table, key, created_at)
  select g.managed_table, g.key, g.created_at from gone g;
  get diagnostics v_moved = row_count;
  return v_mended + v_moved;
end;
$$;

comment on function offload.mend_ids() is
  'Set the sequences that are behind their tables forward, and give new ids to jobs that came with the ids of others; returns how many of both.';
revoke execute on function offload.mend_ids() from public;
