select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
delete from products;
-- session a
-- Until it commits, nobody sees that it holds the row.
begin;
select min(job) filter (where managed_table is not null) as job, max(lease::text) as lease, bool_and(row_ctid is null) as is_gone
from offload.take() \gset
select test.holds(:'is_gone');
-- session application
insert into products (id, image) values (1, test.data_uri(2));
-- session b
select test.equal(test.work(), 'written 1');
-- session a
commit;
select test.equal(test.complete(:'lease', jsonb_build_array(jsonb_build_object('job', :job, 'items', '[]'::jsonb))), 'changed 1');
select test.rows('select key, object_hash = sha256(test.object_of(test.png(2))) from offload.item', array['["1"]|true']);
select test.equal((select image_s3_url from products), test.url(2));
select test.equal(test.work(), 'unchanged 1', 'looked at again');
select offload.note_unreferenced();
select test.rows('select o.unreferenced_since is null from offload.object o where o.hash = sha256(test.object_of(test.png(2)))', array['true']);
