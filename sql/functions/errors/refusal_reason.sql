-- Why a value is left as it was: the words of offload.failures, and what to do about each.

create or replace view offload.refusal_reason (reason, means, remedy) as
values
  ('empty', 'the value has no bytes', 'Store null where there is no image.'),
  ('not_base64', 'the text is neither base64 nor a data URI', 'Correct the value; text with a file path is never read as a file.'),
  ('not_an_image', 'the bytes are no image', 'Correct the value, or attach the column with kind => ''file''.'),
  ('unsupported_format', 'the image has a format that is not read yet', 'Convert it to JPEG, PNG, WebP or GIF.'),
  ('corrupt', 'the image is damaged', 'Upload it again.'),
  ('truncated', 'the image ends too early', 'Upload it again, whole.'),
  ('too_many_pixels', 'the image has more pixels than are allowed', 'Scale it down before storing it.'),
  ('limit_exceeded', 'the image has sides, frames or parts that no picture has', 'Upload it again, from a source that is trusted.'),
  ('too_large', 'no quality of the ladder brings the image below max_bytes', 'Raise max_bytes or lower max_edge with offload.configure.'),
  ('time_limit', 'the image took too long to decode', 'Scale it down before storing it.'),
  ('encoding_failed', 'the image could be read and not be written', 'Look at the worker''s log, then select offload.retry().'),
  ('url_too_long', 'the URL does not fit its column', 'In one transaction: select offload.suspend(''the_table''); alter table … alter column … type text; select offload.refresh(''the_table''); then select offload.retry();'),
  ('unknown_object', 'the URL lies in one of our stores, but no object is known there',
    'Leave the URL: nothing else may lead to the image. If another program stored it, give the store a prefix of its own (docs/migrating.md, In the same bucket); if we did, restore pg_offload''s own tables.'),
  ('store_unavailable', 'no wanted store can be reached', 'Nothing: it is tried again by itself. offload doctor shows the store.'),
  ('worker_lost', 'the worker ended while it held the job', 'Look at the worker''s log, then select offload.retry().'),
  ('not_readable', 'the row cannot be read with the rights of the table''s owner', 'After a renamed column: select offload.refresh(''the_table''). Else let the owner bypass row security: alter table … no force row level security.'),
  ('not_writable', 'a trigger or constraint of the table refused the URL', 'Mend what the detail names, then select offload.retry().'),
  ('internal', 'something unforeseen', 'Look at the worker''s log, then select offload.retry().');

comment on view offload.refusal_reason is 'Why a value is left as it was, and what to do about each.';
grant select on offload.refusal_reason to public;
