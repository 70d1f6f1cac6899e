-- Name a place for bytes.

create or replace function offload.add_store(
  name text,
  kind text,
  endpoint text default null,
  bucket text default null,
  region text default null,
  prefix text default '',
  addressing text default 'auto',
  access text default 'direct',
  public_url text default null,
  path text default null,
  credentials jsonb default null,
  retention interval default '30 days',
  options jsonb default '{}'
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_store offload.store;
  v_credentials jsonb := coalesce(add_store.credentials, case add_store.kind
    when 's3' then '{"access_key": "S3_ACCESS_KEY_ID", "secret_key": "S3_SECRET_ACCESS_KEY"}'::jsonb
    when 'cloudinary' then '{"api_key": "CLOUDINARY_API_KEY", "api_secret": "CLOUDINARY_API_SECRET"}'::jsonb
    else '{}'::jsonb
  end);
  v_problem text := case
    when add_store.name is null or add_store.name !~ '^[a-z][a-z0-9_]{0,62}$'
      then 'A name is lowercase letters, digits and underscores, and begins with a letter.'
    when add_store.kind is null or add_store.kind not in ('database', 'directory', 's3', 'cloudinary')
      then 'The kinds are database, directory, s3 and cloudinary.'
    when add_store.kind = 's3' and add_store.bucket is null
      then 'Name the bucket: bucket => ''…''.'
    when add_store.kind = 'cloudinary' and add_store.bucket is null
      then 'Name the cloud: bucket => ''…''.'
    when add_store.kind in ('database', 'directory') and add_store.bucket is not null
      then 'Only S3 and Cloudinary have a bucket.'
    when (add_store.kind = 'directory') <> (add_store.path is not null)
      then 'A directory store, and no other, has a path: path => ''/var/lib/…''.'
    when add_store.path !~ '^/.+[^/]$' or add_store.path ~ '(^|/)\.\.?(/|$)'
      then 'A path is absolute and ends without a slash.'
    when add_store.endpoint !~ '^https?://[^/?#@\s]+/?$'
      then 'An endpoint is https://host or http://host:port, without path or credentials.'
    when add_store.public_url !~ '^https?://[^?#@\s]+$'
      then 'A public URL begins with https:// and has neither query nor credentials.'
    when add_store.prefix is null or add_store.prefix !~ '^([A-Za-z0-9!_.*''()-]+/)*$'
      then 'A prefix ends with a slash, so that uploads never matches uploads2: prefix => ''uploads/''.'
    when add_store.addressing is null or add_store.addressing not in ('auto', 'path', 'virtual')
      then 'Addressing is auto, path or virtual.'
    when add_store.addressing = 'virtual' and add_store.bucket like '%.%'
      then 'A bucket with a dot in its name needs addressing => ''path''.'
    when add_store.access is null or add_store.access not in ('direct', 'private')
      then 'Access is direct or private.'
    when add_store.retention is null or add_store.retention < '0'
      then 'Retention is how long objects are kept that nothing refers to: retention => ''30 days''.'
  end;
begin
  if v_problem is not null then
    raise exception using
      errcode = 'OF016', message = pg_catalog.format('store "%s" is not well described', add_store.name), hint = v_problem;
  end if;
  if pg_catalog.jsonb_typeof(v_credentials) <> 'object' or exists (
    select from pg_catalog.jsonb_each(v_credentials) c (key, value)
    where pg_catalog.jsonb_typeof(c.value) <> 'string'
      or c.value #>> '{}' !~ '^[A-Za-z_][A-Za-z0-9_]*$'
      or c.value #>> '{}' ~ '^A[KS]IA[A-Z0-9]{12,}$'
      or (pg_catalog.length(c.value #>> '{}') >= 32 and c.value #>> '{}' !~ '_')
  ) then
    -- Says nothing of the value: it may be a secret.
    raise exception using
      errcode = 'OF021',
      message = pg_catalog.format('the credentials of store "%s" are not names of environment variables', add_store.name),
      hint = 'Give names: credentials => ''{"access_key": "SHOP_S3_KEY", "secret_key": "SHOP_S3_SECRET"}''.';
  end if;
  if exists (select from offload.store s where s.name = add_store.name) then
    raise exception using
      errcode = 'OF019', message = pg_catalog.format('store "%s" exists', add_store.name),
      hint = 'Choose another name, or drop it: select offload.drop_store(' || pg_catalog.quote_literal(add_store.name) || ');';
  end if;

  insert into offload.store as s (
    name, kind, endpoint, bucket, region, prefix, addressing, access, public_url, path, credentials, retention, options)
  values (
    add_store.name, add_store.kind, pg_catalog.rtrim(add_store.endpoint, '/'), add_store.bucket,
    case when add_store.kind = 's3' then coalesce(add_store.region, 'us-east-1') else add_store.region end,
    add_store.prefix, add_store.addressing, add_store.access, add_store.public_url, add_store.path, v_credentials,
    add_store.retention, coalesce(add_store.options, '{}'))
  returning s.* into v_store;

  if offload._url_base(v_store) is not null then
    insert into offload.store_url (prefix, store) values (offload._url_base(v_store), v_store.id)
    on conflict do nothing;
    if not found then
      raise exception using
        errcode = 'OF019',
        message = pg_catalog.format('another store lies in the very place of store "%s"', add_store.name),
        hint = 'Use that store, or give this one a prefix of its own: prefix => ''…/''.';
    end if;
  end if;

  raise notice using message = pg_catalog.format('store "%s" is known: %s', add_store.name,
    case when v_store.kind = 'database' then 'the row itself'
      else 'its URLs begin with ' || offload._url_base(v_store) end),
    hint = case when v_store.credentials <> '{}' then 'Give each worker its credentials in '
      || (select pg_catalog.string_agg(c.value, ', ' order by c.key) from pg_catalog.jsonb_each_text(v_store.credentials) c)
      || '. ' else '' end || offload._next_step();
end;
$$;

comment on function offload.add_store(text, text, text, text, text, text, text, text, text, text, jsonb, interval, jsonb) is
$$Name a place for bytes, to be used by offload.attach.

name: how it is called: lowercase letters, digits, underscores
kind: database (the row itself), directory, s3 or cloudinary
endpoint: the server's URL; null: AWS
bucket: the bucket, or the name of the Cloudinary cloud
region: the bucket's region; default us-east-1
prefix: a folder within the store, ending with a slash
addressing: auto, path or virtual: where a URL carries the bucket's name
access: direct (URLs open without credentials) or private (the view answers base64 while it can)
public_url: what URLs begin with, where a CDN or web server stands in front
path: a directory's absolute path
credentials: names of the environment variables that hold the credentials; never the credentials
retention: how long objects are kept that nothing refers to; longer than the oldest backup
options: further settings of the kind$$;
revoke execute on function offload.add_store(text, text, text, text, text, text, text, text, text, text, jsonb, interval, jsonb)
  from public;
