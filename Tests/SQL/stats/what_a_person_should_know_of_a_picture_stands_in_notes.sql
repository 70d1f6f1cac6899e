select test.shop();
insert into products (id, image) values (1, test.data_uri(1)), (2, test.data_uri(2));
select offload.backfill(managed_table) from offload.backfill where state = 'pending';
select test.claim() as lease \gset
select results from test.process(:'lease') \gset
select test.complete(:'lease', (
  select jsonb_agg(jsonb_set(r, '{items,0}', (r #> '{items,0}') || case
    when r #>> '{items,0,object}' = encode(sha256(test.object_of(test.png(1))), 'hex') then '{"detail": "transparency is kept"}'::jsonb
    else '{}' end))
  from jsonb_array_elements(:'results') r));
select test.rows('select relation::text, key, column_name, position, note from offload.notes', array['products|["1"]|image|0|transparency is kept']);
select test.equal((select count(*) from offload.failures), 0, 'a note is no failure');
insert into products (id, image) values (3, test.data_uri(1));
select test.work();
select test.rows('select key from offload.notes order by key', array['["1"]', '["3"]'], 'what equal bytes became is remembered with its note');
update products set image = test.data_uri(2) where id = 1;
select test.work();
select test.rows('select key from offload.notes', array['["3"]'], 'the note goes with the picture');
insert into offload.store_check (store, is_reachable, opens) values (1, true, true);
select offload.configure('products', 'image', source_policy => 'clear', originals => 'discard', grace => '0');
select test.work();
select test.equal((select image from products where id = 3), null::text);
select offload.configure('products', 'image', max_attempts => 3);
select test.work();
select test.rows('select key, note from offload.notes', array['["3"]|transparency is kept'], 'it stays where only the source goes');
delete from products where id = 3;
select test.work();
select test.equal((select count(*) from offload.notes), 0);
