-- Raise where the description of a store is incomplete, contradicts itself, or holds a secret.

create or replace function offload._refuse_store(store offload.store)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_problem text := case
    when store.name is null or store.name !~ '^[a-z][a-z0-9_]{0,62}$'
      then 'A name is lowercase letters, digits and underscores, and begins with a letter.'
    when store.kind is null or store.kind not in ('database', 'directory', 's3', 'cloudinary')
      then 'The kinds are database, directory, s3 and cloudinary.'
    when store.kind = 's3' and store.bucket is null
      then 'Name the bucket: bucket => ''…''.'
    when store.kind = 'cloudinary' and store.bucket is null
      then 'Name the cloud: bucket => ''…''.'
    when store.kind in ('database', 'directory') and store.bucket is not null
      then 'Only S3 and Cloudinary have a bucket.'
    when (store.kind = 'directory') <> (store.path is not null)
      then 'A directory store, and no other, has a path: path => ''/var/lib/…''.'
    when store.path !~ '^/.+[^/]$' or store.path ~ '(^|/)\.\.?(/|$)'
      then 'A path is absolute and ends without a slash.'
    when store.endpoint !~ '^https?://[^/?#@\s]+/?$'
      then 'An endpoint is https://host or http://host:port, without path or credentials.'
    when store.public_url !~ '^https?://[^?#@\s]+$'
      then 'A public URL begins with https:// and has neither query nor credentials.'
    when store.prefix is null or store.prefix !~ '^([A-Za-z0-9!_.*''()-]+/)*$'
      then 'A prefix ends with a slash, so that uploads never matches uploads2: prefix => ''uploads/''.'
    when store.addressing is null or store.addressing not in ('auto', 'path', 'virtual')
      then 'Addressing is auto, path or virtual.'
    when store.addressing = 'virtual' and store.bucket like '%.%'
      then 'A bucket with a dot in its name needs addressing => ''path''.'
    when store.access is null or store.access not in ('direct', 'private')
      then 'Access is direct or private.'
    when store.retention is null or store.retention < '0'
      then 'Retention is how long objects are kept that nothing refers to: retention => ''30 days''.'
  end;
begin
  if v_problem is not null then
    raise exception using
      errcode = 'OF016', message = pg_catalog.format('store "%s" is not well described', store.name), hint = v_problem;
  end if;
  if pg_catalog.jsonb_typeof(store.credentials) <> 'object' or exists (
    select from pg_catalog.jsonb_each(store.credentials) c (key, value)
    where pg_catalog.jsonb_typeof(c.value) <> 'string'
      or c.value #>> '{}' !~ '^[A-Za-z_][A-Za-z0-9_]*$'
      or c.value #>> '{}' ~ '^A[KS]IA[A-Z0-9]{12,}$'
      or (pg_catalog.length(c.value #>> '{}') >= 32 and c.value #>> '{}' !~ '_')
  ) then
    -- Says nothing of the value: it may be a secret.
    raise exception using
      errcode = 'OF021',
      message = pg_catalog.format('the credentials of store "%s" are not names of environment variables', store.name),
      hint = 'Give names: credentials => ''{"access_key": "SHOP_S3_KEY", "secret_key": "SHOP_S3_SECRET"}''.';
  end if;
end;
$$;

comment on function offload._refuse_store(offload.store) is
$$Raise where the description of a store is incomplete, contradicts itself, or holds a secret.

store: what its row shall be$$;
revoke execute on function offload._refuse_store(offload.store) from public;
