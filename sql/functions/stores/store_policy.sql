-- The rules that S3 needs for a store, as JSON for its own tools: rights, open URLs, cross-origin reads, and the end of
-- uploads that nobody finished.

create or replace function offload._bucket_arn(store offload.store)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format('arn:%s:s3:::%s',
    case
      when store.endpoint is not null then 'aws'
      when store.region like 'cn-%' then 'aws-cn'
      when store.region like 'us-gov-%' then 'aws-us-gov'
      else 'aws' end,
    store.bucket);
$$;

comment on function offload._bucket_arn(offload.store) is
$$The name that policies give to a store's bucket.

store: the store's row$$;
revoke execute on function offload._bucket_arn(offload.store) from public;

create or replace function offload.store_policy(name text)
returns table (document text, means text, policy json, command text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_store offload.store := offload._store(store_policy.name);
  v_arn text;
  v_tool text;
begin
  if v_store.kind <> 's3' then
    raise exception using
      errcode = 'OF016', message = pg_catalog.format('store "%s" is of kind %s and needs no policy', v_store.name, v_store.kind),
      hint = 'Policies are an affair of S3.';
  end if;
  v_arn := offload._bucket_arn(v_store);
  v_tool := 'aws' || coalesce(' --endpoint-url ' || v_store.endpoint, '') || ' s3api ';
  return query values
    ('iam', 'what the worker''s user may do, and no more', pg_catalog.format($json${
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Objects",
      "Effect": "Allow",
      "Action": [%3$s],
      "Resource": %1$s
    },
    {
      "Sid": "Listing",
      "Effect": "Allow",
      "Action": ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
      "Resource": %2$s%4$s
    }%5$s
  ]
}$json$,
      pg_catalog.to_json(v_arn || '/' || v_store.prefix || '*'), pg_catalog.to_json(v_arn),
      '"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"'
        || case when v_store.options ->> 'acl' <> 'none' then ', "s3:PutObjectAcl"' else '' end,
      case when v_store.prefix <> '' then pg_catalog.format($json$,
      "Condition": {"StringLike": {"s3:prefix": %s}}$json$, pg_catalog.to_json(v_store.prefix || '*')) else '' end,
      case when v_store.options ->> 'kms_key_id' like 'arn:%' then pg_catalog.format($json$,
    {
      "Sid": "Encryption",
      "Effect": "Allow",
      "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
      "Resource": %s
    }$json$, pg_catalog.to_json(v_store.options ->> 'kms_key_id')) else '' end)::json,
      'aws iam put-user-policy --user-name offload --policy-name offload-' || v_store.name
        || ' --policy-document file://iam.json'),
    ('bucket', 'everybody may open a URL (access => ''direct'' without a CDN in front)', pg_catalog.format($json${
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "OpenURLs",
      "Effect": "Allow",
      "Principal": "*",
      "Action": "s3:GetObject",
      "Resource": %s
    }
  ]
}$json$, pg_catalog.to_json(v_arn || '/' || v_store.prefix || '*'))::json,
      v_tool || 'put-bucket-policy --bucket ' || v_store.bucket || ' --policy file://bucket.json'),
    ('cors', 'pages of any origin may read objects by script', $json${
  "CORSRules": [
    {
      "AllowedOrigins": ["*"],
      "AllowedMethods": ["GET", "HEAD"],
      "AllowedHeaders": ["*"],
      "ExposeHeaders": ["ETag", "Content-Length"],
      "MaxAgeSeconds": 86400
    }
  ]
}$json$::json,
      v_tool || 'put-bucket-cors --bucket ' || v_store.bucket || ' --cors-configuration file://cors.json'),
    ('lifecycle', 'uploads in parts that nobody finished end after a week', pg_catalog.format($json${
  "Rules": [
    {
      "ID": %s,
      "Status": "Enabled",
      "Filter": {"Prefix": %s},
      "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}
    }
  ]
}$json$, pg_catalog.to_json('offload-' || v_store.name), pg_catalog.to_json(v_store.prefix))::json,
      v_tool || 'put-bucket-lifecycle-configuration --bucket ' || v_store.bucket
        || ' --lifecycle-configuration file://lifecycle.json');
end;
$$;

comment on function offload.store_policy(text) is
$$The rules that S3 needs for a store: iam, bucket, cors and lifecycle, each with the command that applies it.
A bucket has one policy, one CORS and one lifecycle document: where it has some already, put these rules beside them.

name: the store$$;
revoke execute on function offload.store_policy(text) from public;

create or replace view offload._open_store (store) as
select h.store
from offload.effective_column e
join offload.chain h on h.managed_column = e.id
where e.source_policy = 'clear'
union
select e.local_store
from offload.effective_column e
where e.source_policy = 'clear' and e.local_store is not null;

comment on view offload._open_store is 'The stores whose URLs must open: columns whose sources are cleared go there.';
revoke all on offload._open_store from public;

create or replace function offload._opening_remedy(store offload.store)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case store.kind
    when 's3' then pg_catalog.format(
      'aws%s s3api put-bucket-policy --bucket %s --policy ''%s'', or name a public_url',
      ' --endpoint-url ' || store.endpoint, store.bucket, pg_catalog.format(
        '{"Version":"2012-10-17","Statement":[{"Sid":"OpenURLs","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":%s}]}',
        pg_catalog.to_json(offload._bucket_arn(store) || '/' || store.prefix || '*')))
    else pg_catalog.format('Let the server behind %s answer without credentials', coalesce(store.public_url, store.path))
  end || case
    -- Where the source is gone, a URL that is not to open leaves nothing to see.
    when exists (select from offload._open_store o where o.store = (_opening_remedy.store).id) then '.'
    else pg_catalog.format(', or: select offload.configure_store(%L, access => ''private'');', store.name)
  end;
$$;

comment on function offload._opening_remedy(offload.store) is
$$What makes the URLs of a store open without credentials.

store: the store's row$$;
revoke execute on function offload._opening_remedy(offload.store) from public;

create or replace function offload._tell_refused_access(managed_column int)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_store record;
begin
  for v_store in
    select s.name, offload._opening_remedy(s) as remedy
    from offload.chain h
    join offload.store s on s.id = h.store
    join offload.store_check c on c.store = s.id
    where h.managed_column = _tell_refused_access.managed_column and s.access = 'direct' and not c.opens
    order by h.ordinal
  loop
    raise warning using
      message = pg_catalog.format('URLs of store "%s" do not open without credentials', v_store.name), hint = v_store.remedy;
  end loop;
end;
$$;

comment on function offload._tell_refused_access(int) is
$$Warn of the stores of a managed column whose URLs should open and were found not to.

managed_column: its id$$;
revoke execute on function offload._tell_refused_access(int) from public;
