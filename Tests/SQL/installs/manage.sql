-- What an administrator sets up, and one round of a worker in plain SQL: some rows are placed, one is refused, one dies.
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.add_store('archive', 'directory', path => '/srv/archive');
insert into offload.setting (name, value) values ('max_edge', '800');
select offload.attach('public.product', 'image', url_column => 'image_s3_url', strategy => 's3_primary', stores => '{media}');
select offload.attach('public."Pic ""ture"', 'Bo dy', kind => 'file', stores => '{media}', strategy => 'redundant');
select offload.attach('public.visit', 'photo', local_store => 'archive', view_name => null);
select offload.configure('public.visit', 'photo', source_policy => 'replace', originals => 'discard');
select offload.grant_role('worker', 'Some "Worker" here');
select offload.grant_role('analyst', 'analyst');
select offload.backfill(t.id), offload.count_rows(t.id) from offload.managed_table t;

begin;
create temporary table claimed on commit drop as select * from offload.claim(100);
create temporary table fetched on commit drop as
select f.*, sha256(coalesce(f.source_bytea, decode(regexp_replace(f.source_text, '^data:[^,]*,', ''), 'base64'))) as hash
from offload.fetch_sources((select lease from claimed limit 1)) f;
create temporary table uploaded on commit drop as
select s.name, f.hash, b.*
from (select distinct hash from fetched where hash is not null) f
cross join (values ('media'), ('archive')) s (name)
cross join lateral offload.begin_upload(f.hash, 9, 'image/png', s.name) b;
select offload.finish_upload(u.hash, u.name, u.lease, 'signed_payload') from uploaded u;
select c.job, c.outcome
from offload.complete((select lease from claimed limit 1), (
  select jsonb_agg(j) from (
    select f.job, min(f.row_ctid::text) as ctid, min(f.row_xmin::text) as xmin,
      coalesce(jsonb_agg(jsonb_build_object(
        'column', f.managed_column, 'position', f.position, 'elements', f.elements,
        'raw', encode(sha256(coalesce(f.source_bytea, convert_to(f.source_text, 'UTF8'))), 'hex'),
        'source', encode(f.hash, 'hex'), 'source_bytes', 12)
        || case when f.hash = sha256('\x89504e470d0a1a0a7461626c65')
          then '{"refusal": "corrupt", "detail": "it ends in the middle"}'::jsonb
          else jsonb_build_object('object', encode(f.hash, 'hex')) end) filter (where f.hash is not null), '[]') as items
    from fetched f
    group by f.job
  ) j)) c;
commit;
