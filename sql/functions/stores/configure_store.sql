-- Change a store. What is not named stays; '' takes a text away.
--
-- Where its URLs begin otherwise from now on, the old beginning stays known as ours, until offload.rewrite_urls has
-- written the rows' URLs anew; of a store that holds nothing it is forgotten, so that what others stored there is foreign.
-- Where its objects lie otherwise, they must have been copied there before.

create or replace function offload.configure_store(
  name text,
  endpoint text default null,
  bucket text default null,
  region text default null,
  prefix text default null,
  addressing text default null,
  access text default null,
  public_url text default null,
  path text default null,
  credentials jsonb default null,
  retention interval default null,
  options jsonb default null,
  moved boolean default false
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_old offload.store := offload._store(configure_store.name);
  v_new offload.store := v_old;
  v_holds bigint;
  v_column offload.effective_column;
begin
  v_new := pg_catalog.jsonb_populate_record(v_old, pg_catalog.jsonb_build_object(
    'endpoint', pg_catalog.rtrim(nullif(coalesce(configure_store.endpoint, v_old.endpoint), ''), '/'),
    'bucket', nullif(coalesce(configure_store.bucket, v_old.bucket), ''),
    'region', coalesce(nullif(configure_store.region, ''), v_old.region),
    'prefix', coalesce(configure_store.prefix, v_old.prefix),
    'addressing', coalesce(configure_store.addressing, v_old.addressing),
    'access', coalesce(configure_store.access, v_old.access),
    'public_url', nullif(coalesce(configure_store.public_url, v_old.public_url), ''),
    'path', nullif(coalesce(configure_store.path, v_old.path), ''),
    'credentials', coalesce(configure_store.credentials, v_old.credentials),
    'retention', coalesce(configure_store.retention, v_old.retention),
    'options', coalesce(configure_store.options, v_old.options)));
  perform offload._refuse_store(v_new);
  if v_new.access = 'private' and v_old.access <> 'private' then
    select e.* into v_column
    from offload.effective_column e
    where (e.source_policy = 'clear' and (e.local_store = v_old.id or exists (
        select from offload.chain h where h.managed_column = e.id and h.store = v_old.id)))
      -- Or rows that were cleared lie there still.
      or (
        exists (
          select from offload.storage_stats s
          where s.relation = e.relation and s.column_name = e.column_name and s.with_s3 > s.with_both)
        and exists (
          select from offload.item i
          where i.managed_column = e.id and i.store = v_old.id and i.position = 0 and i.raw_hash is null
            and i.object_hash is not null))
    order by e.id
    limit 1;
    if found then
      raise exception using
        errcode = 'OF010',
        message = pg_catalog.format('store "%s" cannot be private: column %I of table %s is cleared, and its images could not be seen',
          v_old.name, v_column.column_name, v_column.relation),
        hint = pg_catalog.format('Have them in their rows again first: select offload.configure(%L, %L, strategy => ''local_primary'', '
            'source_policy => ''keep''); or in another store: select offload.drain_store(%L, target => ''…'');',
          v_column.relation::text, v_column.column_name, v_old.name);
    end if;
  end if;

  v_holds := (select count(*) from offload.replica r where r.store = v_old.id);
  if v_holds > 0 and not configure_store.moved
    and (v_new.endpoint, v_new.bucket, v_new.prefix, v_new.path)
      is distinct from (v_old.endpoint, v_old.bucket, v_old.prefix, v_old.path) then
    raise exception using
      errcode = 'OF017',
      message = pg_catalog.format('store "%s" holds %s, which would be looked for elsewhere', v_old.name,
        case v_holds when 1 then '1 object' else v_holds || ' objects' end),
      hint = 'Copy them there under the same names first, and say so: moved => true. Or add a second store and have the '
        || 'worker move them: select offload.drain_store(' || pg_catalog.quote_literal(v_old.name) || ', target => ''…'');';
  end if;

  update offload.store s set
    endpoint = v_new.endpoint, bucket = v_new.bucket, region = v_new.region, prefix = v_new.prefix,
    addressing = v_new.addressing, access = v_new.access, public_url = v_new.public_url, path = v_new.path,
    credentials = v_new.credentials, retention = v_new.retention, options = v_new.options
  where s.id = v_old.id;
  perform offload._set_url_base(v_new);
  if v_holds = 0 then
    delete from offload.store_url u where u.store = v_old.id and not u.is_current;
  end if;
  -- What was found out holds no more: until a worker has looked again, no source goes because of it.
  if (v_new.endpoint, v_new.bucket, v_new.region, v_new.prefix, v_new.addressing, v_new.public_url, v_new.path)
    is distinct from
    (v_old.endpoint, v_old.bucket, v_old.region, v_old.prefix, v_old.addressing, v_old.public_url, v_old.path)
  then
    delete from offload.store_check c where c.store = v_old.id;
  end if;
  if offload._url_base(v_new) is distinct from offload._url_base(v_old) then
    raise notice using
      message = pg_catalog.format('URLs of store "%s" begin with %s from now on', v_new.name, offload._url_base(v_new)),
      hint = case when v_holds > 0 then pg_catalog.format(
        'Those in the rows begin with %s, and stay so until you say: select offload.rewrite_urls(%L);',
        offload._url_base(v_old), v_new.name) else offload._next_step() end;
  end if;
end;
$$;

comment on function offload.configure_store(
  text, text, text, text, text, text, text, text, text, jsonb, interval, jsonb, boolean) is
$$Change a store. What is not named stays; '' takes a text away. Another public_url, bucket or prefix changes what its
URLs begin with: offload.rewrite_urls then writes the rows' URLs anew. While the store holds nothing, URLs under its
former beginning are foreign again.

name: the store
endpoint: the server's URL; '': AWS
bucket: the bucket, or the name of the Cloudinary cloud
region: the bucket's region
prefix: a folder within the store, ending with a slash; '': none
addressing: auto, path or virtual: where a URL carries the bucket's name
access: direct (URLs open without credentials) or private, which is refused where sources were cleared
public_url: what URLs begin with, where a CDN or web server stands in front; '': none
path: a directory's absolute path
credentials: names of the environment variables that hold the credentials; never the credentials
retention: how long objects are kept that nothing refers to
options: further settings of the kind, all of them
moved: the objects have been copied to where endpoint, bucket, prefix or path say$$;
revoke execute on function offload.configure_store(
  text, text, text, text, text, text, text, text, text, jsonb, interval, jsonb, boolean) from public;
