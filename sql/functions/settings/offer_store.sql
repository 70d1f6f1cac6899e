-- Take over a store from a worker's environment, where nobody has named it, and say what holds.

create or replace function offload.offer_store(
  name text, kind text, endpoint text default null, bucket text default null, region text default null,
  addressing text default 'auto', path text default null, credentials jsonb default '{}')
returns table (store text, outcome text)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_store offload.store;
  v_known offload.store;
begin
  v_store := pg_catalog.jsonb_populate_record(null::offload.store, pg_catalog.jsonb_build_object(
    'name', offer_store.name,
    'kind', offer_store.kind,
    'endpoint', offer_store.endpoint,
    'bucket', offer_store.bucket,
    'region', offer_store.region,
    'prefix', '',
    'addressing', offer_store.addressing,
    'access', 'direct',
    'path', offer_store.path,
    'credentials', offer_store.credentials,
    'retention', '30 days',
    'options', '{}'::jsonb));
  -- Several workers may begin at once.
  perform pg_catalog.pg_advisory_xact_lock(offload._doorbell(), 2);
  select s.* into v_known from offload.store s where s.name = offer_store.name;
  if found then
    return query select v_known.name, case
      when (v_known.kind, v_known.endpoint, v_known.bucket, v_known.path)
        is distinct from (v_store.kind, v_store.endpoint, v_store.bucket, v_store.path) then 'differs'
      else 'holds' end;
    return;
  end if;
  -- Somebody named the same place otherwise, or a folder in it: then the rest of it is not for us.
  select s.* into v_known
  from offload.store s
  join offload.store_url u on u.store = s.id
  where u.prefix = offload._url_base(v_store)
    or (s.kind = v_store.kind and s.bucket = v_store.bucket and s.endpoint is not distinct from v_store.endpoint)
  order by s.disabled_at is not null, s.prefix, s.id
  limit 1;
  if found then
    return query select v_known.name, 'holds';
    return;
  end if;
  v_store := offload._insert_store(v_store);
  return query select v_store.name, 'added';
end;
$$;

comment on function offload.offer_store(text, text, text, text, text, text, text, jsonb) is
$$Take over a store from a worker's environment, where nobody has named it. The outcome is added, holds (it, or another
store in this place, is there) or differs (the name stands for another place).

name: how it is called
kind: directory, s3 or cloudinary
endpoint: the server's URL; null: AWS
bucket: the bucket, or the name of the Cloudinary cloud
region: the bucket's region
addressing: auto, path or virtual
path: a directory's absolute path
credentials: names of the environment variables that hold the credentials$$;
revoke execute on function offload.offer_store(text, text, text, text, text, text, text, jsonb) from public;
