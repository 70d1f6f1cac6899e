create table products (id int primary key, image text);
insert into products select n, test.data_uri(n) from generate_series(1, 20) n;
select offload.attach('products', 'image');
-- session a
begin;
select test.equal(offload.backfill(1, 5), 5);
-- session b
select test.equal(offload.backfill(1, 5), 0, 'the other is at it');
-- session a
commit;
-- session b
select test.equal(offload.backfill(1, 5), 5);
select test.equal((select count(distinct key) from offload.arrival), 10);
