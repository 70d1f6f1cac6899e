-- What could not be done, row by row: why, and what to do about it.

create or replace view offload.failures as
select
  f.relation, f.key, f.column_name, f.position, f.reason, f.detail, coalesce(r.remedy, u.remedy) as remedy, f.is_dead, f.at
from (
  select t.relation, i.key, c.column_name, i.position, i.refusal, i.detail, false as is_dead, i.seen_at
  from offload.item i
  join offload.managed_column c on c.id = i.managed_column
  join offload.managed_table t on t.id = c.managed_table
  where i.refusal is not null and c.detached_at is null
  union all
  select t.relation, j.key, null::text as column_name, null::int as position, j.reason, j.detail, true as is_dead, j.died_at
  from offload.job j
  join offload.managed_table t on t.id = j.managed_table
  -- The second condition leads to an index, and holds for every dead job.
  where j.died_at is not null and coalesce(j.attempts > 0 or j.ready_at is not null, true)
) f (relation, key, column_name, position, reason, detail, is_dead, at)
left join offload.refusal_reason r on r.reason = f.reason
left join offload.refusal_reason u on u.reason = 'internal';

comment on view offload.failures is 'What could not be done, row by row: why, and what to do about it. The rows are as they were.';
comment on column offload.failures.key is 'The row''s primary key, as text.';
comment on column offload.failures.is_dead is 'Whether it failed as often as it may; offload.retry brings it back. Otherwise the value itself was refused.';
revoke all on offload.failures from public;
