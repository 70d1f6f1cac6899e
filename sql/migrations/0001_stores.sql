-- Where bytes may lie, and what is set for all columns together.

grant usage on schema offload to public;
comment on schema offload is 'pg_offload: images and files in ordinary columns, kept small and in the right place.';

create table offload.setting (
  name text constraint setting_pkey primary key,
  value text not null,
  origin text not null default 'sql',
  set_at timestamptz not null default pg_catalog.clock_timestamp(),
  constraint setting_known check (name in (
    'strategy', 'threshold', 'local_store', 'source_policy', 'originals', 'grace',
    'format', 'max_edge', 'max_bytes', 'qualities', 'flatten', 'background', 'effort',
    'accept_truncated', 'max_attempts', 'doorbell', 'sweep_every')),
  constraint setting_origin_known check (origin in ('sql', 'environment'))
);
comment on table offload.setting is 'What holds for every managed column that says nothing of its own.';
comment on column offload.setting.origin is 'Who set it: a statement, or the environment of the first worker that found it unset.';

create table offload.store (
  id int generated always as identity constraint store_pkey primary key,
  name text not null constraint store_name_taken unique,
  kind text not null,
  endpoint text,
  bucket text,
  region text,
  prefix text not null default '',
  addressing text not null default 'auto',
  access text not null default 'direct',
  public_url text,
  path text,
  credentials jsonb not null default '{}',
  retention interval not null default '30 days',
  options jsonb not null default '{}',
  disabled_at timestamptz,
  added_at timestamptz not null default pg_catalog.clock_timestamp(),
  constraint store_kind_known check (kind in ('database', 'directory', 's3', 'cloudinary')),
  constraint store_addressing_known check (addressing in ('auto', 'path', 'virtual')),
  constraint store_access_known check (access in ('direct', 'private')),
  constraint store_name_plain check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint store_prefix_is_a_folder check (prefix ~ '^([A-Za-z0-9!_.*''()-]+/)*$'),
  constraint store_bucket_says_where check ((kind in ('s3', 'cloudinary')) = (bucket is not null)),
  constraint store_path_says_where check ((kind = 'directory') = (path is not null)),
  constraint store_path_is_absolute check (path ~ '^/.+[^/]$'),
  constraint store_retention_is_positive check (retention >= '0')
);
comment on table offload.store is 'A place for bytes: the row itself, a directory, an S3 bucket or a Cloudinary cloud.';
comment on column offload.store.bucket is 'The bucket; for Cloudinary the name of the cloud.';
comment on column offload.store.prefix is 'A folder within the store; ends with a slash, so that no neighbour shares it.';
comment on column offload.store.credentials is 'Names of the environment variables that hold the credentials; never the credentials.';
comment on column offload.store.retention is 'How long an object that nothing refers to is kept; longer than the oldest backup.';

create table offload.store_url (
  prefix text constraint store_url_pkey primary key,
  store int not null constraint store_url_store_fkey references offload.store on delete cascade,
  is_current boolean not null default true
);
create unique index store_url_one_current on offload.store_url (store) where is_current;
comment on table offload.store_url is 'What the URLs of a store begin with, now and formerly. Triggers read it: workers never write it.';

create table offload.store_check (
  store int constraint store_check_pkey primary key
    constraint store_check_store_fkey references offload.store on delete cascade,
  checked_at timestamptz not null default pg_catalog.clock_timestamp(),
  is_reachable boolean,
  opens boolean,
  capabilities jsonb not null default '{}',
  latency interval,
  clock_difference interval,
  detail text
);
comment on table offload.store_check is 'What a worker last found out about a store.';
comment on column offload.store_check.opens is 'Whether a URL of the store opens without credentials.';
comment on column offload.store_check.latency is 'How long the store took to take a small object.';
comment on column offload.store_check.clock_difference is 'How far its clock was ahead of the worker''s.';

create table offload.store_work (
  worker uuid,
  store int constraint store_work_store_fkey references offload.store on delete cascade,
  puts bigint not null default 0,
  retries bigint not null default 0,
  failures bigint not null default 0,
  last_error text,
  last_error_at timestamptz,
  open_until timestamptz,
  noted_at timestamptz not null default pg_catalog.clock_timestamp(),
  constraint store_work_pkey primary key (worker, store)
) with (fillfactor = 70);
comment on table offload.store_work is 'What each worker did in each store since it began; each writes its own rows alone.';
comment on column offload.store_work.worker is 'Its id in offload.worker; the nil UUID stands for all that are forgotten.';
comment on column offload.store_work.open_until is 'Until when the worker leaves the store alone, because it failed again and again; null: it does not.';

create table offload.rewrite (
  store int constraint rewrite_store_fkey references offload.store on delete cascade,
  managed_table int,
  target int not null constraint rewrite_target_fkey references offload.store,
  state text not null default 'pending',
  after_key text[],
  ready_at timestamptz not null default pg_catalog.clock_timestamp(),
  written bigint not null default 0,
  busy bigint not null default 0,
  left_behind bigint not null default 0,
  detail text,
  started_at timestamptz not null default pg_catalog.clock_timestamp(),
  finished_at timestamptz,
  constraint rewrite_pkey primary key (store, managed_table),
  constraint rewrite_state_known check (state in ('pending', 'complete')),
  constraint rewrite_has_ended check ((state = 'complete') = (finished_at is not null))
);
comment on table offload.rewrite is 'How far the URLs of a store have been written anew; workers do it in bounded batches.';
comment on column offload.rewrite.target is 'The store in which the objects lie now: the same, or the one that it is drained into.';
comment on column offload.rewrite.busy is 'Rows of this pass that an application held; another pass looks again.';
comment on column offload.rewrite.left_behind is 'URLs that stay as they are, as detail says.';

create table offload.drain (
  store int constraint drain_pkey primary key constraint drain_store_fkey references offload.store on delete cascade,
  target int not null constraint drain_target_fkey references offload.store,
  state text not null default 'copying',
  objects bigint not null,
  bytes bigint not null,
  detail text,
  started_at timestamptz not null default pg_catalog.clock_timestamp(),
  finished_at timestamptz,
  constraint drain_state_known check (state in ('copying', 'rewriting', 'complete')),
  constraint drain_has_ended check ((state = 'complete') = (finished_at is not null)),
  constraint drain_goes_elsewhere check (target <> store)
);
comment on table offload.drain is 'Stores whose objects are being moved into another one; workers do it in bounded batches.';
comment on column offload.drain.objects is 'How many objects the store held when it began.';
