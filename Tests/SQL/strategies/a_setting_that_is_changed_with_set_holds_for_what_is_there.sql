select test.shop();
select offload.add_store('disk', 'directory', path => '/srv/media');
insert into products (id, image) values (1, test.base64(1));
select test.work();
-- A look that ends at the first row, and one row more.
select offload.configure('products', 'image', max_bytes => 400000);
select test.work();
select test.rows('select until_key from offload.backfill', array['["1"]']);
insert into products (id, image) values (2, test.base64(2));
select test.work();
select offload.grant_role('admin', 'spec_admin');
select test.rows('select state from offload.backfill', array['complete']);
-- session admin
set session authorization spec_admin;
select offload.set('max_edge', '512');
select test.rows('select state, is_forced, until_key from offload.backfill', array['pending|true|']);
select test.raises($$select offload.set('source_policy', 'replace')$$, 'OF011', 'original images of column image', 'originals');
select test.equal((select source_policy from offload.effective_column), 'keep');
select offload.set('originals', 'discard');
select offload.set('source_policy', 'replace');
select offload.set('local_store', 'disk');
-- session main
select test.work();
-- says: encoded
select test.rows('select state from offload.backfill', array['complete']);
select test.equal((select count(*) from products where image not like 'iVBOR%'), 2, 'replaced');
select test.rows('select value, origin from offload.setting where name = ''max_edge''', array['512|sql']);
-- session admin
select offload.set('max_edge', null);
select test.equal((select max_edge from offload.effective_column), 1024);
select offload.set('source_policy', null);
select offload.set('originals', null);
-- A policy that was written by hand lets no original go without a word.
insert into offload.setting (name, value) values ('source_policy', 'clear');
select test.equal((select source_policy from offload.effective_column), 'keep');
