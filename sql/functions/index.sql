-- The product in the order in which it is met. Everything here is replaced at each install and upgrade.

-- What can go wrong, and what to do then.
\ir errors/error_code.sql
\ir errors/refusal_reason.sql

-- Say where bytes may lie, and what holds for all columns: add_store, configure_store, disable_store, drain_store,
-- rewrite_urls, drop_store, set.
\ir settings/effective_column.sql
\ir settings/judge_setting.sql
\ir settings/set.sql
\ir settings/offer_setting.sql
\ir settings/next_step.sql
\ir stores/url_prefix.sql
\ir stores/lies_in_store.sql
\ir stores/url_base.sql
\ir stores/object_key.sql
\ir stores/store.sql
\ir stores/refuse_store.sql
\ir stores/insert_store.sql
\ir stores/add_store.sql
\ir stores/configure_store.sql
\ir stores/disable_store.sql
\ir stores/drop_store.sql
\ir settings/offer_store.sql
\ir stores/note_check.sql
\ir stores/note_store.sql
\ir stores/store_policy.sql

-- Move what a store holds, and write its URLs anew: rewrite_urls, drain_store, store_progress.
\ir stores/new_url.sql
\ir stores/rewrite_urls.sql
\ir stores/rewrite_batch.sql
\ir stores/drain_store.sql
\ir stores/drain_batch.sql
\ir stores/store_progress.sql

-- The store that is the rows themselves: row_objects, read_row_object.
\ir stores/row_objects.sql
\ir stores/stored_object.sql

-- Put a column under management: attach, configure, prefer, restore_original, detach, release_detached; and change its
-- table: suspend, refresh.
\ir attach/key_part.sql
\ir attach/column_type.sql
\ir attach/identifier.sql
\ir attach/refuse_outsider.sql
\ir attach/refuse_relation.sql
\ir attach/refuse_policy.sql
\ir attach/refuse_setting.sql
\ir attach/is_subscribed.sql
\ir attach/managed.sql
\ir attach/refuse_unmanaged.sql
\ir attach/local_store.sql
\ir attach/set_chain.sql
\ir attach/fired_by_write_back.sql
\ir attach/unknown_url.sql
\ir attach/attach.sql
\ir attach/set_view.sql
\ir attach/configure.sql
\ir attach/prefer.sql
\ir attach/restore_original.sql
\ir attach/managed_table.sql
\ir attach/lock_table.sql
\ir attach/suspend.sql
\ir attach/note_dropped.sql
\ir attach/end_dropped.sql
\ir attach/forget_items.sql
\ir attach/refresh.sql
\ir attach/refresh_view.sql
\ir attach/refresh_partitions.sql
\ir attach/detach.sql
\ir attach/release_detached.sql

-- What is made for each managed table: the guard of its URLs, the capture of its changes, the fetch and the write-back.
\ir capture/field.sql
\ir capture/doorbell.sql
\ir capture/try_doorbell.sql
\ir capture/pinned_settings.sql
\ir capture/table_expression.sql
\ir capture/key_join.sql
\ir capture/key_exceeds.sql
\ir capture/source_bytes.sql
\ir capture/least_source.sql
\ir capture/has_source.sql
\ir capture/is_changed.sql
\ir capture/begins_otherwise.sql
\ir capture/is_moved.sql
\ir capture/is_captured.sql
\ir capture/wants_source.sql
\ir capture/ruled_url.sql
\ir capture/is_stored_apart.sql
\ir capture/guarded_update.sql
\ir capture/guard_source.sql
\ir capture/key_text.sql
\ir capture/watched_column.sql
\ir capture/columns_read.sql
\ir capture/ring_source.sql
\ir capture/capture_source.sql
\ir capture/guards_apart.sql
\ir capture/change_source.sql
\ir capture/fetch_source.sql
\ir capture/read_source.sql
\ir capture/scan_source.sql
\ir capture/count_source.sql
\ir capture/write_back_source.sql
\ir capture/generated_function.sql
\ir capture/depend_on_extension.sql
\ir capture/entrust.sql
\ir capture/guards_inserts.sql
\ir capture/watch_truncates.sql
\ir capture/generated_source.sql
\ir capture/generate.sql
\ir capture/degenerate.sql

-- Read a value wherever it lies: the view <table>_media.
\ir read/media_type.sql
\ir read/base64_head.sql
\ir read/is_private.sql
\ir read/media_url.sql
\ir read/media_source.sql
\ir read/view_facts.sql
\ir read/restore_view_facts.sql
\ir read/drop_view.sql
\ir read/generate_view.sql

-- The worker's way: claim and look, or take, which is both; fetch_sources, recall, begin_upload, finish_upload, complete.
\ir work/max_attempts.sql
\ir work/heartbeat.sql
\ir work/pick.sql
\ir work/lease.sql
\ir work/claim.sql
\ir work/call_peers.sql
\ir work/next_due.sql
\ir work/renew.sql
\ir work/wants_chain.sql
\ir work/wants_local.sql
\ir work/wants_row.sql
\ir work/placing.sql
\ir work/fetch_sources.sql
\ir work/end_settled.sql
\ir work/look.sql
\ir work/take.sql
\ir work/read_part.sql
\ir work/wanted_store.sql
\ir work/archive_store.sql
\ir work/object_at.sql
\ir work/locate.sql
\ir work/origin.sql
\ir work/recall.sql
\ir work/announce_object.sql
\ir work/begin_upload.sql
\ir work/renew_upload.sql
\ir work/finish_upload.sql
\ir work/abandon_upload.sql
\ir work/content_hash.sql
\ir work/judge.sql
\ir work/wish.sql
\ir work/record.sql
\ir work/settle.sql
\ir work/held.sql
\ir work/complete.sql

-- When it goes otherwise: release, fail, reap, retry, pause, resume.
\ir work/finish.sql
\ir work/release.sql
\ir work/fail.sql
\ir work/reap.sql
\ir work/retry.sql
\ir work/pause.sql
\ir work/resume.sql

-- What no trigger saw: backfill, count_rows, sweep, prune; and what nothing refers to any more.
\ir work/ring.sql
\ir work/begin_backfill.sql
\ir work/backfill.sql
\ir work/count_rows.sql
\ir work/sweep.sql
\ir work/begin_sweeps.sql
\ir work/prune.sql
\ir work/note_unreferenced.sql
\ir work/mend_ids.sql

-- Numbers: storage_stats, queue_stats, failures, notes.
\ir stats/leaf_count.sql
\ir stats/recount.sql
\ir stats/fold_counts.sql
\ir stats/storage_stats.sql
\ir stats/storage_summary.sql
\ir stats/store_stats.sql
\ir stats/queue_stats.sql
\ir stats/backfill_progress.sql
\ir stats/worker_stats.sql
\ir stats/compression_stats.sql
\ir stats/failures.sql
\ir stats/integrity_issues.sql
\ir stats/notes.sql

-- Who may do what: grant_role, revoke_role; and what an upgrade brings: renew.
\ir roles/right.sql
\ir roles/table_right.sql
\ir roles/grant_table.sql
\ir roles/grant_set.sql
\ir roles/grant_generated.sql
\ir roles/refuse_unknown_set.sql
\ir roles/grant_role.sql
\ir roles/revoke_role.sql
\ir attach/renew.sql
