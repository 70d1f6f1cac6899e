select test.rows($$
  select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'offload'::regnamespace and col_description(c.oid, a.attnum) is null
    and (c.relname, a.attname) in (
      values ('storage_stats', 'with_s3'), ('storage_stats', 'with_base64'), ('storage_stats', 's3_coverage'), ('storage_stats', 'bytes_saved'),
        ('storage_stats', 'counted_at'), ('queue_stats', 'ready'), ('queue_stats', 'waiting'), ('failures', 'is_dead'), ('failures', 'next_at'), ('failures', 'at'), ('failures', 'key'), ('notes', 'key'),
        ('store_stats', 'opens'), ('arrival', 'key'), ('job', 'key'), ('job', 'attempts'), ('job', 'ready_at'), ('job', 'died_at'), ('item', 'position'),
        ('item', 'row_version'), ('item', 'refusal'), ('store', 'credentials'), ('store', 'retention'), ('object', 'unreferenced_since'),
        ('replica', 'evidence'), ('managed_table', 'mark'), ('managed_column', 'detached_at'), ('backfill', 'until_key'))$$, '{}');
