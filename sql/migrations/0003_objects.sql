-- What is stored, where, and which rows it belongs to.

create table offload.object (
  hash bytea constraint object_pkey primary key,
  bytes bigint not null,
  media_type text not null,
  width int,
  height int,
  created_at timestamptz not null default pg_catalog.clock_timestamp(),
  unreferenced_since timestamptz default pg_catalog.clock_timestamp(),
  constraint object_hash_is_sha256 check (pg_catalog.octet_length(hash) = 32),
  constraint object_has_bytes check (bytes > 0)
);
create index object_unreferenced on offload.object (unreferenced_since) where unreferenced_since is not null;
comment on table offload.object is 'Distinct stored bytes, named by their SHA-256. The row commits before the first byte is sent.';
comment on column offload.object.unreferenced_since is 'A candidate for collection, from its birth until an item refers to it; who collects looks at the items again, under lock.';

create table offload.replica (
  object_hash bytea constraint replica_object_fkey references offload.object,
  store int constraint replica_store_fkey references offload.store,
  key text not null,
  state text not null default 'uploading',
  lease uuid,
  leased_until timestamptz,
  evidence text,
  etag text,
  url text,
  provider jsonb,
  stored_at timestamptz,
  verified_at timestamptz,
  constraint replica_pkey primary key (object_hash, store),
  constraint replica_key_taken unique (store, key),
  constraint replica_state_known check (state in ('uploading', 'stored', 'missing', 'deleting')),
  constraint replica_stored_on_evidence check ((state = 'stored') <= (evidence is not null and stored_at is not null)),
  constraint replica_upload_is_leased check ((state = 'uploading') <= (lease is not null and leased_until is not null)),
  constraint replica_evidence_known check (evidence in ('signed_payload', 'content_md5', 'checksum', 'read_back'))
);
-- No btree: a URL may be longer than one takes.
create index replica_url on offload.replica using hash (url) where url is not null;
comment on table offload.replica is 'One copy of an object in one store.';
comment on column offload.replica.evidence is 'How it is known that the store holds exactly these bytes.';
comment on column offload.replica.url is 'Only where the store chooses the URL; elsewhere it follows from store and key.';
comment on column offload.replica.provider is 'What the store needs to find the object again, such as Cloudinary''s resource_type and type.';

create table offload.derivation (
  source_hash bytea,
  profile text,
  source_bytes bigint not null,
  object_hash bytea constraint derivation_object_fkey references offload.object on delete cascade,
  refusal text,
  detail text,
  derived_at timestamptz not null default pg_catalog.clock_timestamp(),
  constraint derivation_pkey primary key (source_hash, profile),
  constraint derivation_has_one_end check ((object_hash is null) = (refusal is not null)),
  constraint derivation_hash_is_sha256 check (pg_catalog.octet_length(source_hash) = 32)
);
create index derivation_object on offload.derivation (object_hash);
comment on table offload.derivation is 'Which object came of which source under which profile, so that equal bytes are encoded once.';
comment on column offload.derivation.source_hash is 'SHA-256 of the decoded source.';
comment on column offload.derivation.detail is 'More about the refusal; without one, what a person looking at the object should know.';
comment on column offload.derivation.profile is 'The settings that decide what becomes of a source.';

create table offload.item (
  managed_column int constraint item_column_fkey references offload.managed_column,
  key text[],
  position int default 0,
  source_hash bytea,
  source_bytes bigint,
  raw_hash bytea,
  object_hash bytea constraint item_object_fkey references offload.object,
  original_hash bytea constraint item_original_fkey references offload.object,
  refusal text,
  detail text,
  row_version xid,
  placed_at timestamptz,
  is_remote boolean not null default false,
  store int,
  is_data_uri boolean,
  restores boolean not null default false,
  seen_at timestamptz not null default pg_catalog.clock_timestamp(),
  constraint item_pkey primary key (managed_column, key, position)
);
create index item_object on offload.item (object_hash) where object_hash is not null;
create index item_original on offload.item (original_hash) where original_hash is not null;
create index item_refused on offload.item (managed_column) where refusal is not null;
create index item_noted on offload.item (managed_column) where refusal is null and detail is not null;
comment on table offload.item is 'What became of one value of a managed column.';
comment on column offload.item.key is 'The row''s primary key as text, in the key''s order.';
comment on column offload.item.position is '0, or in an array column the element''s place from 1.';
comment on column offload.item.row_version is 'The row''s xmin when it was last looked at: where it differs, the sweep looks again.';
comment on column offload.item.original_hash is 'The archived original, where the source was replaced or cleared.';
comment on column offload.item.refusal is 'Why it is not where it should be; null: it is, or is on its way.';
comment on column offload.item.detail is 'More about the refusal; without one, what a person looking at the picture should know.';
comment on column offload.item.is_remote is 'Whether the row carries a URL for it.';
comment on column offload.item.source_hash is 'What the application wrote, also where something else stands in its place now.';
comment on column offload.item.raw_hash is 'SHA-256 of the column''s bytes, where they stand for the source as it is: a row that holds them still needs no look at them.';
comment on column offload.item.store is 'The store that the row''s URL names: it stays while that store is wanted and holds the object.';
comment on column offload.item.is_data_uri is 'Whether a text was a data URI: what comes back into the row has its form again.';
comment on column offload.item.restores is 'Whether the original is wanted in the row again: offload.restore_original.';
comment on column offload.item.placed_at is 'Since when every wanted replica has been there.';

create table offload.dereferenced (
  object_hash bytea not null
) with (
  autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0
);
-- For publications of all tables: it has no key, and its rows are deleted.
alter table offload.dereferenced replica identity full;
comment on table offload.dereferenced is 'Objects that lost a reference, appended without a lock; offload.note_unreferenced works it off.';
