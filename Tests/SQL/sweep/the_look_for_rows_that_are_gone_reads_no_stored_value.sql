create table products (id int primary key, image bytea, images bytea[], texts text[]);
alter table products alter image set storage external, alter images set storage external, alter texts set storage external;
select offload.attach('products', 'image'), offload.attach('products', 'images'), offload.attach('products', 'texts');
insert into products
select n, test.png(n, 400000), array[test.png(n, 400000), test.png(-n, 400000)], array[test.base64(n, 400000)]
from generate_series(1, 4) n;
select test.work();
select test.equal((select count(*) from offload.item), 16);
delete from offload.arrival;
select offload.prune(1);
select test.holds(test.blocks('select offload.prune(1)') < 200, 'of 800 blocks and more in which the values lie');
set session authorization postgres;
set session_replication_role = replica;
delete from products where id = 3;
set session authorization spec_owner;
select test.equal(offload.prune(1), null);
select test.rows('select key from offload.arrival', array['["3"]']);
