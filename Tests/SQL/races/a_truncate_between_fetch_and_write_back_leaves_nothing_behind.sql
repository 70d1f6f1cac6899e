select test.shop();
insert into products (image) select test.data_uri(n) from generate_series(1, 3) n;
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
truncate products;
-- session worker
select test.equal(test.complete(:'lease', :'results', :'contents'), 'gone 3');
select test.work();
select test.equal((select count(*) from offload.item), 0);
select test.equal((select count(*) from offload.arrival), 0);
select test.equal((select count(*) from offload.object where unreferenced_since is null), 0);
