select test.shop();
insert into products (id, image) values (1, 'no base64!'), (2, 'QUJD'), (3, test.data_uri(3));
select test.equal(test.work(), 'unchanged 2, written 1');
select test.rows('select key, column_name, position, reason, is_dead from offload.failures order by key',
  array['["1"]|image|0|not_base64|false', '["2"]|image|0|not_an_image|false']);
select test.holds(bool_and(remedy <> '')) from offload.failures;
select test.rows('select id, image from products where id < 3 order by id', array['1|no base64!', '2|QUJD'], 'the rows are as they were');
select test.equal(offload.retry(reason => 'not_an_image'), 1);
select test.equal(test.work(), 'unchanged 1');
select test.equal(offload.retry(), 2);
update products set image = test.data_uri(1) where id = 1;
select test.work();
select test.rows('select key from offload.failures', array['["2"]']);
