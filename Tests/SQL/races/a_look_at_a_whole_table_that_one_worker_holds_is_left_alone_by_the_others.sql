select test.shop();
truncate products;
-- session a
select test.holds(test.claim() is not null);
-- session application
truncate products;
insert into products (id, image) values (1, test.data_uri(1));
-- session b
select test.rows('select key from offload.claim()', array['["1"]'], 'its rows are taken, the table is not');
