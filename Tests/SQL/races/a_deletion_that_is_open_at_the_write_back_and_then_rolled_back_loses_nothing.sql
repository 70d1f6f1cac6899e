select test.shop();
insert into products (image) values (test.data_uri(1));
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
begin;
delete from products;
-- session worker
select test.equal(test.complete(:'lease', :'results', :'contents'), 'locked 1');
-- session application
rollback;
-- session worker
update offload.job set ready_at = clock_timestamp() where ready_at is not null;
select test.equal(test.work(), 'written 1');
select test.equal(image_s3_url, test.url(1)) from products;
