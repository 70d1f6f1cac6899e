-- Else each claim would read the index of all that was ever leased, where a long transaction keeps the dead entries.
select test.shop();
insert into products (image) values (test.data_uri(1));
select test.claim() as lost \gset
update products set image = test.data_uri(2);
update offload.job set leased_until = clock_timestamp() - interval '10 seconds' where lease is not null;
select test.equal((select count(*) from offload.claim()), 0, 'it may be held still');
update offload.job set leased_until = clock_timestamp() - interval '2 minutes' where lease is not null;
select (test.process(:'lost')).* \gset
select test.claim() as lease \gset
select (test.process(:'lease')).results as newer, (test.process(:'lease')).contents as newer_contents \gset
select test.equal(test.complete(:'lease', :'newer', :'newer_contents'), 'written 1');
select test.complete(:'lost', :'results', :'contents');
update offload.job set ready_at = clock_timestamp() where lease is null;
select test.work();
select test.equal(image_s3_url, test.url(2)) from products;
select test.equal((select count(*) from offload.arrival), 0);
