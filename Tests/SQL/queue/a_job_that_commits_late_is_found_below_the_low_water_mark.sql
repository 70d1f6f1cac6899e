select test.shop();
-- session early
begin;
insert into products (id, image) values (1, test.data_uri(1));
-- session main
insert into products (id, image) values (2, test.data_uri(2));
select max(id) as mark from offload.arrival \gset
-- session early
commit;
-- session main
select test.rows(format('select key from offload.claim(low_water_mark => %s)', :mark), array['["2"]']);
select test.equal(test.work(), 'written 1', 'a claim without the mark finds it');
