select offload.add_store('cloud', 'cloudinary', bucket => 'demo', public_url => 'https://m.example');
insert into offload.object (hash, bytes, media_type) select sha256(n::text::bytea), 1, 'image/webp' from generate_series(1, 2) n;
insert into offload.replica (object_hash, store, key, state, evidence, stored_at, url)
select hash, 1, encode(hash, 'hex'), 'stored', 'checksum', now(), 'https://m.example/x.webp' from offload.object limit 1;
select prefix as first from offload.store_url where store = 1 and is_current \gset
update offload.replica set url = :'first' || 'v1/x.webp';
select offload.configure_store('cloud', public_url => 'https://m.example/img');
select prefix as second from offload.store_url where store = 1 and is_current \gset
select offload.rewrite_urls('cloud');
select test.equal(url, :'second' || 'v1/x.webp') from offload.replica;
select offload.rewrite_urls('cloud');
select test.equal(url, :'second' || 'v1/x.webp', 'what begins as it should stays') from offload.replica;
select offload.configure_store('cloud', public_url => 'https://new.example');
select prefix as third from offload.store_url where store = 1 and is_current \gset
select offload.rewrite_urls('cloud');
select test.equal(url, :'third' || 'v1/x.webp', 'both old beginnings match, and the longer one is the URL''s') from offload.replica;
