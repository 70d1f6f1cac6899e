select test.shop();
alter table products add column thumbnail text, add column thumb_link text;
select offload.attach('products', 'thumbnail', url_column => 'thumb_link', strategy => 's3_primary', stores => '{media}');
insert into products (id, image, thumbnail) values (1, test.data_uri(1), test.data_uri(2));
select test.work();
update products set image = null, thumbnail = null;
-- session a
-- Until it commits, nobody sees that it holds the row.
begin;
select min(job) filter (where managed_table is not null) as job, max(lease::text) as lease,
  max(row_ctid::text) as ctid, max(row_xmin::text) as xmin, bool_and(source_length is null) as is_empty
from offload.take() \gset
select test.holds(:'is_empty');
-- session application
update products set image = test.data_uri(3);
-- session b
select test.equal(test.work(), 'written 1');
-- session a
commit;
select test.equal(test.complete(:'lease', jsonb_build_array(jsonb_build_object(
  'job', :job, 'ctid', :'ctid', 'xmin', :'xmin', 'items', '[]'::jsonb))), 'changed 1');
select test.rows('select c.column_name, i.object_hash = sha256(test.object_of(test.png(3))) from offload.item i join offload.managed_column c on c.id = i.managed_column',
  array['image|true']);
select test.equal((select image_s3_url from products), test.url(3));
select test.equal(test.work(), 'unchanged 1', 'looked at again');
-- An unrelated update of a row that is empty needs no second look.
update products set image = null;
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
update products set name = 'other';
select test.equal(test.complete(:'lease', :'results', :'contents'), 'unchanged 1');
select test.rows('select * from offload.item', '{}');
