-- What could not be done, row by row: why, and what to do about it.

create or replace view offload.failures as
select
  f.relation, f.key, f.column_name, f.position, f.reason, f.detail, coalesce(r.remedy, u.remedy) as remedy, f.is_dead, f.at,
  f.next_at
from (
  select t.relation, i.key, c.column_name, i.position, i.refusal, i.detail, false as is_dead, i.seen_at, null::timestamptz
  from offload.item i
  join offload.managed_column c on c.id = i.managed_column
  join offload.managed_table t on t.id = c.managed_table
  where i.refusal is not null and c.detached_at is null
  union all
  select
    t.relation, j.key, null::text, null::int, j.reason, j.detail, j.died_at is not null, coalesce(j.died_at, j.created_at),
    case when j.died_at is null then coalesce(j.ready_at, j.leased_until) end
  from offload.job j
  join offload.managed_table t on t.id = j.managed_table
  -- The second condition leads to an index, and holds for every job that has failed.
  where (j.died_at is not null or j.reason is not null) and coalesce(j.attempts > 0 or j.ready_at is not null, true)
) f (relation, key, column_name, position, reason, detail, is_dead, at, next_at)
left join offload.refusal_reason r on r.reason = f.reason
left join offload.refusal_reason u on u.reason = 'internal';

comment on view offload.failures is 'What could not be done, row by row: why, and what to do about it. The rows are as they were.';
comment on column offload.failures.key is 'The row''s primary key, as text.';
comment on column offload.failures.is_dead is 'Whether it failed as often as it may; offload.retry brings it back.';
comment on column offload.failures.at is 'When the value was refused, or its row''s last attempt failed; of what is tried again, since when it waits.';
comment on column offload.failures.next_at is 'When it is tried again by itself; null: not before offload.retry, or another value.';
revoke all on offload.failures from public;
