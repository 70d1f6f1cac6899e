select test.shop();
insert into products (image) values (test.data_uri(1));
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
delete from products;
-- session worker
select test.equal(test.complete(:'lease', :'results', :'contents'), 'gone 1');
select test.equal((select count(*) from offload.item), 0);
select test.work();
select test.equal((select count(*) from offload.arrival), 0);
select test.holds(unreferenced_since is not null, 'nothing refers to the object') from offload.object;
