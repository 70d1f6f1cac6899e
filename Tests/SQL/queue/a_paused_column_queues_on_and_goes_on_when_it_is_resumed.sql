select test.shop();
create table posters (id int primary key, image text);
select offload.attach('posters', 'image', stores => '{media}', backfill => false);
insert into products (image) values (test.data_uri(1));
insert into posters values (1, test.data_uri(2));
select test.equal(offload.pause('products', 'image'), 1);
select test.equal(offload.pause('products', 'image'), 0, 'it is paused already');
insert into products (image) values (test.data_uri(3));
select test.equal(test.work(), 'written 1', 'the other table goes on');
select test.rows('select relation::text, ready, waiting, paused, paused_columns, paused_at is not null from offload.queue_stats order by 1',
  array['posters|0|0|0||false', 'products|0|0|2|["image"]|true']);
select test.holds((select due is null from offload.next_due()), 'nothing is due');
select test.equal(offload.resume('products', 'image'), 1);
select test.rows('select relation::text, ready, paused from offload.queue_stats order by 1', array['posters|0|0', 'products|2|0']);
select test.equal(test.work(), 'written 2');
