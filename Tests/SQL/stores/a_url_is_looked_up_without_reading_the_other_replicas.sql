select offload.add_store('cloud', 'cloudinary', bucket => 'demo', public_url => 'https://m.example');
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
insert into offload.object (hash, bytes, media_type)
select sha256(n::text::bytea), 1, 'image/webp' from generate_series(1, 20000) n;
select prefix as base from offload.store_url where store = 1 and is_current \gset
insert into offload.replica (object_hash, store, key, state, evidence, stored_at, url)
select hash, s.id, encode(hash, 'hex'), 'stored', 'checksum', now(),
  case s.id when 1 then :'base' || 'v1/' || encode(hash, 'hex') end
from offload.object, offload.store s where s.name in ('cloud', 'media');
analyze offload.replica;
select encode(sha256('777'), 'hex') as hash \gset
create function pg_temp.tuples_read() returns bigint language sql as $$
  select pg_stat_get_xact_tuples_returned('offload.replica'::regclass) + pg_stat_get_xact_tuples_fetched('offload.replica'::regclass);
$$;
begin;
select test.equal(encode(offload._object_at(:'base' || 'v1/' || :'hash'), 'hex'), :'hash', 'under the URL that the store chose');
select test.equal(encode(offload._object_at(:'base' || :'hash'), 'hex'), :'hash', 'under its key');
select test.holds(offload._object_at(:'base' || 'v1/' || 'nothing') is null);
select test.holds(pg_temp.tuples_read() < 50, pg_temp.tuples_read() || ' read for what lies under a URL');
commit;
begin;
select test.equal(becomes, (select prefix from offload.store_url where store = 2) || :'hash')
from offload._new_url(:'base' || 'v1/' || :'hash', 1, 2);
select test.equal((select count(*) from offload._new_url(:'base' || 'v1/nothing', 1, 2)), 0, 'nobody knows it: it stays');
select test.holds(pg_temp.tuples_read() < 50, pg_temp.tuples_read() || ' read for what a URL becomes');
commit;
