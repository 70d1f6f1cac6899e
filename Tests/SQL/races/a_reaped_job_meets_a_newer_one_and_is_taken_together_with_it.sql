select test.shop();
insert into products (image) values (test.data_uri(1));
select test.claim(100, '0');
update products set image = test.data_uri(2);
select test.equal(offload.reap(), 1);
select test.equal((select count(*) from offload.arrival), 2);
select test.claim() as lease \gset
select test.rows('select attempts, lease is not null from offload.job', array['2|true'], 'one is left, with the attempts of the older');
select (test.process(:'lease')).* \gset
select test.equal(test.complete(:'lease', :'results', :'contents'), 'written 1');
select test.equal(image_s3_url, test.url(2)) from products;
select test.equal((select count(*) from offload.arrival), 0);
