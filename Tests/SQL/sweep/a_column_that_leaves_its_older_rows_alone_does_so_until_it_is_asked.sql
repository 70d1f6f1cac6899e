create table products (id int primary key, front text, back text);
insert into products values (1, test.data_uri(1), test.data_uri(11)), (2, null, test.data_uri(12));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'front', stores => '{media}');
-- says: column front
select offload.attach('products', 'back', stores => '{media}', backfill => false);
-- says: of the rows that table public.products has already, those are offloaded in column back, too, that are looked at for column front
select test.rows('select column_name, backfill, counted_at is null from offload.storage_stats order by 1',
  array['back|none|true', 'front|pending|true']);
select test.equal(test.work(), 'written 1', 'a row is looked at whole, and the other is not looked at');
select test.rows('select id, back_remote_url from products order by id', array['1|' || test.url(11), '2|']);
select test.rows('select column_name, backfill, with_base64, counted_at is null from offload.storage_stats order by 1',
  array['back|none|2|false', 'front|complete|1|false']);
create function hurry() returns bigint language sql as $$
  update offload.backfill set ready_at = null;
  select offload.backfill(1);
$$;
update offload.backfill set finished_at = clock_timestamp() - interval '25 hours';
select test.equal(offload.begin_sweeps(), 1);
select test.equal(hurry(), 0, 'not by the sweep of the next day'), test.equal(hurry(), 0);
select offload.configure('products', 'back', max_edge => 512);
select test.equal(test.work(), 'unchanged 1', 'not by another setting, which is for what is known');
alter table products disable trigger user;
update products set back = test.data_uri(13) where id = 1;
alter table products enable trigger user;
update offload.backfill set finished_at = clock_timestamp() - interval '25 hours';
select test.equal(offload.begin_sweeps(), 1);
select test.equal(hurry(), 1, 'what is known and changed is found');
select test.work();
select offload.sweep('products');
select test.equal(test.work(), 'written 1');
select test.rows('select id, back_remote_url from products order by id', array['1|' || test.url(13), '2|' || test.url(12)]);
