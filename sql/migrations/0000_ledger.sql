-- The ledger: which migrations this database has had.
--
-- Runs before every other migration, at each install and upgrade, so it must be harmless when repeated.

create table if not exists offload.migration (
  number int constraint migration_pkey primary key,
  name text not null,
  applied_at timestamptz not null default pg_catalog.clock_timestamp()
);
comment on table offload.migration is 'Which migrations this database has had; the largest number is the schema''s version.';
