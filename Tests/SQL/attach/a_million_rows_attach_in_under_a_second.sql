-- Autovacuum's lock would be waited for.
create table products (id bigint primary key, image bytea, image_at text) with (autovacuum_enabled = off);
insert into products select n, '\x00' from generate_series(1, 1000000) n;
select test.lasts($$select offload.attach('products', 'image', url_column => 'image_at')$$, '1 second', 'attach');
select test.rows('select state, until_key from offload.backfill', array['pending|["1000000"]']);
select test.lasts($$select offload.backfill(1, 1000)$$, '1 second', 'a batch of the backfill');
select test.lasts($$insert into products values (0, '\x01')$$, '1 second', 'a write meanwhile');
