-- Autovacuum's lock would be waited for.
create table products (id uuid primary key, image bytea) with (autovacuum_enabled = off);
insert into products select md5(n::text)::uuid, '\x00' from generate_series(1, 1000000) n;
select test.lasts($$select offload.attach('products', 'image')$$, '1 second', 'attach');
