-- Which columns of whose tables are under management.

create table offload.managed_table (
  id int generated always as identity constraint managed_table_pkey primary key,
  relation regclass not null,
  key_columns text[] not null,
  key_types text[] not null,
  key_numbers smallint[] not null,
  relation_name text not null,
  view_name text,
  view_facts jsonb,
  mark uuid not null default pg_catalog.gen_random_uuid(),
  attached_at timestamptz not null default pg_catalog.clock_timestamp(),
  detached_at timestamptz,
  constraint managed_table_has_a_key check (pg_catalog.cardinality(key_columns) > 0),
  constraint managed_table_key_is_whole check (
    pg_catalog.cardinality(key_columns) = pg_catalog.cardinality(key_types)
    and pg_catalog.cardinality(key_columns) = pg_catalog.cardinality(key_numbers))
);
create unique index managed_table_attached_once on offload.managed_table (relation) where detached_at is null;
comment on table offload.managed_table is 'A table with managed columns; they share its triggers and its write-back. Triggers read it: workers write it only when the table is gone.';
comment on column offload.managed_table.key_numbers is 'Attribute numbers of the key columns: they survive a rename as the names do not.';
comment on column offload.managed_table.relation_name is 'What it was called when it was attached or last refreshed: all that is left of a dropped table.';
comment on column offload.managed_table.view_facts is 'Owner, rights and comments of a view that was taken away: the next one gets them.';
comment on column offload.managed_table.mark is 'What the write-back sets for its transaction, so that the triggers know it from the application.';

create table offload.managed_column (
  id int generated always as identity constraint managed_column_pkey primary key,
  managed_table int not null constraint managed_column_table_fkey references offload.managed_table on delete cascade,
  column_name text not null,
  column_number smallint not null,
  column_type text not null,
  url_column text not null,
  url_number smallint not null,
  url_column_added boolean not null,
  kind text not null,
  strategy text,
  local_store int constraint managed_column_local_store_fkey references offload.store,
  threshold bigint,
  source_policy text,
  originals text,
  grace interval,
  format text,
  max_edge int,
  max_bytes bigint,
  qualities int[],
  flatten boolean,
  background text,
  effort text,
  accept_truncated boolean,
  max_attempts int,
  leaves_rows boolean not null default false,
  preferred_at timestamptz,
  attached_at timestamptz not null default pg_catalog.clock_timestamp(),
  detached_at timestamptz,
  dropped_at timestamptz,
  paused_at timestamptz,
  constraint managed_column_type_known check (column_type in ('text', 'bytea', 'text[]', 'bytea[]')),
  constraint managed_column_kind_known check (kind in ('image', 'video', 'file')),
  constraint managed_column_strategy_known check (strategy in ('local_primary', 's3_primary', 'hybrid', 'redundant')),
  constraint managed_column_threshold_is_positive check (threshold >= 0),
  constraint managed_column_policy_known check (source_policy in ('keep', 'replace', 'clear')),
  constraint managed_column_originals_known check (originals in ('archive', 'discard')),
  constraint managed_column_grace_is_positive check (grace >= '0'),
  constraint managed_column_format_known check (format in ('smallest', 'webp')),
  constraint managed_column_edge_in_range check (max_edge between 1 and 16383),
  constraint managed_column_bytes_in_range check (max_bytes > 0),
  constraint managed_column_qualities_in_range check (
    pg_catalog.cardinality(qualities) >= 1 and pg_catalog.cardinality(qualities) <= 20
    and pg_catalog.array_position(qualities, null) is null
    and 1 <= all (qualities) and 100 >= all (qualities)),
  constraint managed_column_background_is_a_colour check (background ~ '^#[0-9A-Fa-f]{6}$'),
  constraint managed_column_effort_known check (effort in ('best', 'fast')),
  constraint managed_column_attempts_in_range check (max_attempts between 1 and 1000)
);
create unique index managed_column_attached_once on offload.managed_column (managed_table, column_name)
  where detached_at is null;
comment on table offload.managed_column is 'A column of a user''s table under management. What is null here is looked up in offload.setting, then in the defaults.';
comment on column offload.managed_column.column_number is 'Attribute number: it survives a rename as the name does not.';
comment on column offload.managed_column.column_type is 'The column''s type with domains and lengths taken off.';
comment on column offload.managed_column.leaves_rows is 'Whether the rows that were there when it was attached are left alone, until offload.sweep.';
comment on column offload.managed_column.preferred_at is 'What was placed before is looked at once more for the first store of the chain: offload.prefer.';
comment on column offload.managed_column.paused_at is 'Since when the table''s rows wait for offload.resume.';
comment on column offload.managed_column.detached_at is 'Since when it is managed no more; its objects stay pinned until offload.release_detached.';
comment on column offload.managed_column.dropped_at is 'When a worker, or offload.refresh, found that the column or its table is not there any more.';

create table offload.chain (
  managed_column int constraint chain_column_fkey references offload.managed_column on delete cascade,
  ordinal int,
  store int not null constraint chain_store_fkey references offload.store,
  constraint chain_pkey primary key (managed_column, ordinal),
  constraint chain_names_a_store_once unique (managed_column, store)
);
comment on table offload.chain is 'The remote stores of a managed column, in the order in which they are tried.';

create table offload.backfill (
  managed_table int constraint backfill_pkey primary key
    constraint backfill_table_fkey references offload.managed_table on delete cascade,
  state text not null default 'pending',
  after_key text[],
  until_key text[],
  is_forced boolean not null default false,
  is_pruning boolean not null default false,
  is_counting boolean not null default false,
  looked_at bigint not null default 0,
  queued bigint not null default 0,
  ready_at timestamptz,
  detail text,
  started_at timestamptz not null default pg_catalog.clock_timestamp(),
  finished_at timestamptz,
  counted_at timestamptz,
  constraint backfill_state_known check (state in ('none', 'pending', 'sweeping', 'complete')),
  constraint backfill_has_ended check ((state = 'complete') = (finished_at is not null))
);
comment on table offload.backfill is 'How far the rows that no trigger saw have been looked at; workers take them in bounded batches.';
comment on column offload.backfill.state is 'pending: asked for, and done as fast as the queue allows; sweeping: begun by itself, and in no hurry; none: not wanted.';
comment on column offload.backfill.after_key is 'The last key that was looked at; null: none yet.';
comment on column offload.backfill.until_key is 'The largest key when it began; null: to the end of the table.';
comment on column offload.backfill.is_forced is 'Whether every row is looked at, or only those whose version is not the one last seen.';
comment on column offload.backfill.is_pruning is 'Whether a sweep that began by itself is done with the rows and looks at the items, whose keys after_key then is.';
comment on column offload.backfill.is_counting is 'Whether all rows were looked at, and the table is to be counted: offload.count_rows.';
comment on column offload.backfill.ready_at is 'The next batch is not due before this moment; null: at once.';
comment on column offload.backfill.detail is 'Why the last batch could not be had; null: it could.';
comment on column offload.backfill.counted_at is 'When the table''s rows were last counted whole; from then on the counts are exact.';

create table offload.granted_role (
  kind text,
  role_name text,
  constraint granted_role_pkey primary key (kind, role_name),
  constraint granted_role_kind_known check (kind in ('app', 'analyst', 'worker', 'admin'))
);
comment on table offload.granted_role is 'Who holds which set of rights, so that offload.renew and each new table grants them again.';
