-- What holds for each managed column: its own word, else offload.setting, else the default.
--
-- No source of an image goes by a setting that leaves unsaid what becomes of the original.

create or replace view offload.effective_column as
with setting as (
  select
    max(s.value) filter (where s.name = 'strategy') as strategy,
    max(s.value) filter (where s.name = 'threshold')::bigint as threshold,
    max(s.value) filter (where s.name = 'local_store') as local_store,
    max(s.value) filter (where s.name = 'source_policy') as source_policy,
    max(s.value) filter (where s.name = 'originals') as originals,
    max(s.value) filter (where s.name = 'grace')::interval as grace,
    max(s.value) filter (where s.name = 'format') as format,
    max(s.value) filter (where s.name = 'max_edge')::int as max_edge,
    max(s.value) filter (where s.name = 'max_bytes')::bigint as max_bytes,
    max(s.value) filter (where s.name = 'qualities')::int[] as qualities,
    max(s.value) filter (where s.name = 'flatten')::boolean as flatten,
    max(s.value) filter (where s.name = 'background') as background,
    max(s.value) filter (where s.name = 'effort') as effort,
    max(s.value) filter (where s.name = 'accept_truncated')::boolean as accept_truncated,
    max(s.value) filter (where s.name = 'max_attempts')::int as max_attempts
  from offload.setting s
), effective as (
  select
    c.id, c.managed_table, t.relation, c.column_name, c.column_type, c.url_column, c.kind,
    coalesce(
      c.strategy,
      case when setting.strategy = 'local_primary' or exists (
        select from offload.chain h where h.managed_column = c.id) then setting.strategy end,
      case when exists (select from offload.chain h where h.managed_column = c.id) then 's3_primary' else 'local_primary' end
    ) as strategy,
    coalesce(c.local_store, (select s.id from offload.store s where s.name = setting.local_store)) as local_store,
    coalesce(c.threshold, setting.threshold, 10000000) as threshold,
    coalesce(
      c.source_policy,
      case when c.kind <> 'image' or coalesce(c.originals, setting.originals) is not null then setting.source_policy end,
      'keep') as source_policy,
    coalesce(c.originals, setting.originals) as originals,
    coalesce(c.grace, setting.grace, '7 days') as grace,
    coalesce(c.format, setting.format, 'smallest') as format,
    coalesce(c.max_edge, setting.max_edge, 1024) as max_edge,
    coalesce(c.max_bytes, setting.max_bytes, 500000) as max_bytes,
    coalesce(c.qualities, setting.qualities, '{85,75,60,50,40}') as qualities,
    coalesce(c.flatten, setting.flatten, true) as flatten,
    pg_catalog.lower(coalesce(c.background, setting.background, '#ffffff')) as background,
    coalesce(c.effort, setting.effort, 'best') as effort,
    coalesce(c.accept_truncated, setting.accept_truncated, false) as accept_truncated,
    coalesce(c.max_attempts, setting.max_attempts, 10) as max_attempts,
    c.attached_at
  from offload.managed_column c
  join offload.managed_table t on t.id = c.managed_table
  cross join setting
  where c.detached_at is null and t.detached_at is null
)
select
  effective.*,
  case effective.kind
    when 'image' then pg_catalog.concat_ws(
      ' ', 'image', effective.format, effective.max_edge, effective.max_bytes,
      pg_catalog.array_to_string(effective.qualities, ','), case when effective.flatten then 'flat' else 'alpha' end,
      case when effective.flatten then nullif(effective.background, '#ffffff') end, nullif(effective.effort, 'best'),
      case when effective.accept_truncated then 'damaged' end)
    else 'as is'
  end as profile
from effective;

comment on view offload.effective_column is 'What holds for each managed column: its own word, else offload.setting, else the default.';
comment on column offload.effective_column.profile is 'The settings that decide what becomes of a source''s bytes.';
revoke all on offload.effective_column from public;
