select test.shop();
insert into products (image) values (test.data_uri(1));
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
begin;
truncate products;
-- session worker, which fails 55P03
select test.complete(:'lease', :'results', :'contents');
-- session application
rollback;
-- session worker
select test.equal(test.complete(:'lease', :'results', :'contents'), 'written 1', 'the lease holds still');
