create table products (id int primary key, image text, image_s3_url text);
create table parts (id int primary key, image text, image_s3_url text);
create table kept (id int primary key, image text, image_s3_url text);
insert into parts values (1, test.data_uri(11));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.add_store('other', 's3', bucket => 'other-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', source_policy => 'clear',
  originals => 'discard', grace => '0');
select offload.attach('parts', 'image', url_column => 'image_s3_url', stores => '{media}', source_policy => 'clear',
  originals => 'discard', grace => '0', backfill => false);
select offload.attach('kept', 'image', url_column => 'image_s3_url', stores => '{media}');
insert into products select n, test.data_uri(n) from generate_series(1, 3) n;
insert into parts values (2, test.data_uri(12)), (3, test.data_uri(13));
insert into kept values (1, test.data_uri(21));
select test.work();
select test.equal((select count(*) from products where image is not null and image_s3_url is not null), 3);
select offload.note_check('media', true, false);
select offload.note_check('other', true, true);
select offload.note_check('media', false);
select test.equal(test.work(), 'nothing', 'it does not open yet');
-- One row is just being worked on, in a table that is not looked at as a whole.
delete from offload.item i using offload.managed_column c
where c.id = i.managed_column and c.managed_table = (select t.id from offload.managed_table t where t.relation = 'parts'::regclass) and i.key = '{3}';
update parts set image = image || '' where id = 3;
insert into offload.arrival (managed_table, key)
select t.id, '{3}' from offload.managed_table t where t.relation = 'parts'::regclass
and not exists (select from offload.arrival);
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
select offload.note_check('media', true, true);
select test.rows('select t.relation::text, b.state, b.is_forced from offload.backfill b join offload.managed_table t on t.id = b.managed_table
  order by 1', array['kept|complete|false', 'parts|none|false', 'products|pending|true']);
update offload.store_check set opens = false where store = 1;
select test.complete(:'lease', :'results', :'contents');
update offload.store_check set opens = true where store = 1;
select test.work();
select test.equal((select count(*) from products where image is null), 3, 'it opens now');
select test.rows('select id, image is null from parts order by 1', array['1|false', '2|true', '3|true'],
  'what was left alone stays alone');
select test.holds(image is not null, 'under keep') from kept;
select offload.note_check('media', true, true);
select test.equal(test.work(), 'nothing', 'known already');
select offload.note_check('media', false);
select offload.note_check('media', true, true);
select test.equal(test.work(), 'nothing', 'and not forgotten by an outage');
