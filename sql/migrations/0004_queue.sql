-- The work that waits.
--
-- A producer pays for each column, index and check of the table that it appends to: so offload.arrival has but what says
-- which row is meant. What else there is to say of a job is said from its first claim on, in offload.job, which inherits
-- it: who asks offload.arrival is answered of both. Neither has checks: only functions change a job, and the specs ask
-- what they left.

create table offload.arrival (
  id bigint generated always as identity constraint arrival_pkey primary key,
  managed_table int not null,
  key text[],
  created_at timestamptz not null default pg_catalog.clock_timestamp()
) with (
  autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.2
);
comment on table offload.arrival is 'Look at this row. Producers only append; no foreign key, so that they lock nothing. From its first claim on a job stands in offload.job.';
comment on column offload.arrival.key is 'The row''s primary key; null: compare the whole table with its items.';

create table offload.job (
  constraint job_pkey primary key (id),
  attempts int not null default 0,
  ready_at timestamptz,
  lease uuid,
  leased_until timestamptz,
  died_at timestamptz,
  reason text,
  detail text
) inherits (offload.arrival) with (
  fillfactor = 70, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.2
);
create index job_waiting on offload.job (ready_at, id) where lease is null and died_at is null and ready_at is not null;
create index job_leased on offload.job (leased_until) where lease is not null;
-- In a form that no other condition implies: who looks for what is due, or leased, must not come to scan all of it.
create index job_touched on offload.job (managed_table, key) where coalesce(attempts > 0 or ready_at is not null, true);
comment on table offload.job is 'A job that was claimed: it is leased, or waits, or is dead.';
comment on column offload.job.key is 'The row''s primary key; null: compare the whole table with its items.';
comment on column offload.job.attempts is 'Counted at the claim, so that a value which kills its worker dies too.';
comment on column offload.job.ready_at is 'Not before this moment; null: it was claimed at once; infinity: once a paused column is resumed.';
comment on column offload.job.died_at is 'When the last attempt failed; offload.retry brings it back.';

create sequence offload.taken_to as bigint minvalue 0 start 0 owned by offload.arrival.id;
comment on sequence offload.taken_to is 'Up to which id the workers have taken what arrived. No transaction protects it, and what was committed late waits below it.';

create table offload.worker (
  id uuid constraint worker_pkey primary key,
  host text not null,
  process_id int not null,
  version text not null,
  started_at timestamptz not null default pg_catalog.clock_timestamp(),
  seen_at timestamptz not null default pg_catalog.clock_timestamp(),
  in_flight int not null default 0,
  completed bigint not null default 0,
  failed bigint not null default 0,
  completed_per_second double precision,
  failed_per_second double precision
);
comment on table offload.worker is 'Workers and their heartbeats; a lease never depends on it.';

create table offload.count_entry (
  id bigint generated always as identity,
  managed_column int not null,
  leaf regclass,
  is_reset boolean not null default false,
  rows bigint not null default 0,
  with_url bigint not null default 0,
  with_source bigint not null default 0,
  with_both bigint not null default 0,
  row_bytes bigint not null default 0,
  store_bytes bigint not null default 0,
  saved_bytes bigint not null default 0
) with (
  autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0
);
-- For publications of all tables: it has no key, and its rows are deleted.
alter table offload.count_entry replica identity full;
comment on table offload.count_entry is 'What each statement changed in the counts. Their sum, with offload.row_entry''s, is exact in every snapshot; the worker folds many into one.';
comment on column offload.count_entry.leaf is 'The table or partition that holds the rows; null where the bytes in stores changed, which no TRUNCATE does.';
comment on column offload.count_entry.is_reset is 'A TRUNCATE: what has a smaller id and the same leaf counts no more.';

-- What almost every statement changes, in few columns: a producer pays for each.
create table offload.row_entry (
  id bigint generated always as identity,
  managed_column int not null,
  leaf regclass not null,
  rows bigint,
  row_bytes bigint not null
) with (
  autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0
);
alter table offload.row_entry replica identity full;
comment on table offload.row_entry is 'What a statement changed in the counts, of rows that have a source and no URL: a count entry in few words.';
comment on column offload.row_entry.rows is 'How many came; null: a TRUNCATE, and what has a smaller id and the same leaf counts no more.';

create type offload.fetched as (
  n int,
  managed_column int,
  position int,
  elements int,
  row_ctid tid,
  row_xmin xid,
  url text,
  source_text text,
  source_bytea bytea,
  source_length bigint
);
comment on type offload.fetched is
  'What a fetch returns for each value: row_ctid is null where the row is gone, source_length where it has no source.';
