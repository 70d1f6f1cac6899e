select test.shop();
insert into products (image) values (test.data_uri(1));
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
begin;
update products set image = test.data_uri(2);
-- session worker
select test.equal(test.complete(:'lease', :'results', :'contents'), 'locked 1');
-- session application
commit;
select test.equal(image_s3_url, null, 'no stale URL') from products;
-- session worker
update offload.job set ready_at = clock_timestamp() where ready_at is not null;
select test.equal(test.work(), 'written 1', 'both jobs of the row are taken together');
select test.equal(image_s3_url, test.url(2)) from products;
select test.equal((select count(*) from offload.arrival), 0);
