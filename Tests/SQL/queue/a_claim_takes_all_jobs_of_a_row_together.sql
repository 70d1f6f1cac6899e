select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
update products set image = test.data_uri(2);
update products set image = test.data_uri(3);
insert into products (id, image) values (2, test.data_uri(2));
select test.equal((select count(*) from offload.arrival), 4);
select test.rows('select key, attempts from offload.claim()', array['["1"]|1', '["2"]|1']);
select test.equal((select count(*) from offload.arrival), 2, 'the older ones are gone');
