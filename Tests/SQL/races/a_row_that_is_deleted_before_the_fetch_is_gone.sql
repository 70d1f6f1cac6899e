select test.shop();
insert into products (image) values (test.data_uri(1));
-- session worker
select test.claim() as lease \gset
-- session application
delete from products;
-- session worker
select test.rows(format('select managed_column, row_ctid is null from offload.fetch_sources(%L)', :'lease'), array['1|true']);
select (test.process(:'lease')).* \gset
select test.equal(test.complete(:'lease', :'results', :'contents'), 'gone 1');
select test.equal(test.work(), 'gone 1', 'the job of the deletion');
