select test.shop();
select test.rows($$
  select p.oid::regprocedure::text from pg_proc p
  where p.pronamespace = 'offload'::regnamespace
    and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)
  order by 1$$, array[
  'offload._base64_head(text)', 'offload._is_private(text)', 'offload._ruled_url(boolean,boolean,text,text)',
  'offload._ruled_url(boolean,boolean,text[],text[])', 'offload.lies_in_store(text)', 'offload.lies_in_store(text[])',
  'offload.media_source(bytea,text)', 'offload.media_source(bytea[],text[])', 'offload.media_source(text,text)',
  'offload.media_source(text[],text[])', 'offload.media_type(bytea)', 'offload.media_url(bytea,text)',
  'offload.media_url(bytea[],text[])', 'offload.media_url(text,text)', 'offload.media_url(text[],text[])']);
