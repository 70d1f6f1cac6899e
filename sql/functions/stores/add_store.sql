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
begin
  v_store.name := add_store.name;
  v_store.kind := add_store.kind;
  v_store.endpoint := pg_catalog.rtrim(add_store.endpoint, '/');
  v_store.bucket := add_store.bucket;
  v_store.region := case when add_store.kind = 's3' then coalesce(add_store.region, 'us-east-1') else add_store.region end;
  v_store.prefix := add_store.prefix;
  v_store.addressing := add_store.addressing;
  v_store.access := add_store.access;
  v_store.public_url := add_store.public_url;
  v_store.path := add_store.path;
  v_store.credentials := coalesce(add_store.credentials, case add_store.kind
    when 's3' then '{"access_key": "S3_ACCESS_KEY_ID", "secret_key": "S3_SECRET_ACCESS_KEY"}'::jsonb
    when 'cloudinary' then '{"api_key": "CLOUDINARY_API_KEY", "api_secret": "CLOUDINARY_API_SECRET"}'::jsonb
    else '{}'::jsonb
  end);
  v_store.retention := add_store.retention;
  v_store.options := coalesce(add_store.options, '{}');
  v_store := offload._insert_store(v_store);

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
