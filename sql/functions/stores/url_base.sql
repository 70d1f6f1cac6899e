-- What the URLs of a store begin with, from its description; null where it has none.

create or replace function offload._url_base(store offload.store)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when store.kind = 'database' then null
    -- The prefix follows the resource type, which is the asset's own.
    when store.kind = 'cloudinary' then
      coalesce(pg_catalog.rtrim(store.public_url, '/'), 'https://res.cloudinary.com/' || store.bucket) || '/'
    when store.public_url is not null then pg_catalog.rtrim(store.public_url, '/') || '/' || store.prefix
    when store.kind = 'directory' then 'file://' || store.path || '/' || store.prefix
    when store.endpoint is null and (store.addressing = 'path' or store.bucket like '%.%') then
      'https://s3.' || store.region || '.amazonaws.com/' || store.bucket || '/' || store.prefix
    when store.endpoint is null then
      'https://' || store.bucket || '.s3.' || store.region || '.amazonaws.com/' || store.prefix
    when store.addressing = 'virtual' then
      pg_catalog.regexp_replace(pg_catalog.rtrim(store.endpoint, '/'), '^(https?://)', '\1' || store.bucket || '.')
      || '/' || store.prefix
    else pg_catalog.rtrim(store.endpoint, '/') || '/' || store.bucket || '/' || store.prefix
  end;
$$;

comment on function offload._url_base(offload.store) is
$$What the URLs of a store begin with; null for the row itself.

store: the store's row$$;
revoke execute on function offload._url_base(offload.store) from public;
