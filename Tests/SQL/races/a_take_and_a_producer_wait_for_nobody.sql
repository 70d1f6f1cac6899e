select test.shop();
insert into products (id, image) select n, test.data_uri(n) from generate_series(1, 3) n;
select test.work();
update products set image = test.data_uri(4) where id = 2;
insert into offload.arrival (managed_table, key) values (1, '{1}'), (1, '{3}');
-- session a
begin;
select test.equal(test.take(2), '1 ended, 1 left');
-- session b
select test.equal(test.take(), '1 ended, 0 left', 'what the other has not chosen');
-- session application
begin;
update products set image = test.data_uri(5) where id in (1, 2);
commit;
-- session b
select test.rows('select key from offload.take() where managed_table is not null order by key', array['["1"]', '["2"]'],
  'each change brought its own job');
-- session a
commit;
-- session b
select test.rows('select key, count(*) from offload.arrival group by key order by key', array['["1"]|1', '["2"]|2']);
