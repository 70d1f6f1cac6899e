select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
insert into products (id, image_s3_url) values (2, test.url(1));
-- session a
-- Until it commits, nobody sees that it holds the row.
begin;
select min(job) filter (where managed_table is not null) as job, max(lease::text) as lease,
  max(row_ctid::text) as ctid, max(row_xmin::text) as xmin, max(url) as url
from offload.take() \gset
select test.equal(:'url', test.url(1));
-- session application
update products set image = test.data_uri(2) where id = 2;
-- session b
select test.equal(test.work(), 'written 1');
-- session a
commit;
select test.equal(test.complete(:'lease', jsonb_build_array(jsonb_build_object(
  'job', :job, 'ctid', :'ctid', 'xmin', :'xmin', 'items', jsonb_build_array(jsonb_build_object('column', 1, 'adopt', :'url'))))),
  'changed 1');
select test.rows('select key, object_hash = sha256(test.object_of(test.png(2))) from offload.item where key = ''{2}''', array['["2"]|true']);
