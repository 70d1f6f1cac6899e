select test.shop();
insert into products (image) values (test.data_uri(1));
-- session slow
select test.claim(100, '0') as lease \gset
select (test.process(:'lease')).* \gset
-- session other
select offload.reap();
select test.claim() as lease \gset
select test.holds(:'lease' is not null);
-- session slow
select test.equal(test.complete(:'lease', :'results', :'contents'), '');
select test.equal(offload.release(array(select id from offload.job), :'lease'), 0);
select test.equal(offload.fail(array(select id from offload.job), :'lease', 'internal'), 0);
select test.equal(image_s3_url, null) from products;
-- session other
select (test.process(:'lease')).* \gset
select test.equal(test.complete(:'lease', :'results', :'contents'), 'written 1');
