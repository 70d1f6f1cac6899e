select test.shop();
insert into products (image) select test.data_uri(n) from generate_series(1, 20) n;
-- session a
begin;
select test.claim(10) as lease \gset
select test.equal(count(*), 10) from offload.job where lease = :'lease';
-- session b
begin;
select test.claim(15) as lease \gset
select test.equal(count(*), 10, 'what the other has not taken yet') from offload.job where lease = :'lease';
-- session a
select (test.process(:'lease')).* \gset
select test.equal(test.complete(:'lease', :'results', :'contents'), 'written 10');
commit;
-- session b
select (test.process(:'lease')).* \gset
select test.equal(test.complete(:'lease', :'results', :'contents'), 'written 10');
commit;
select test.equal((select count(*) from products where image_s3_url is not null), 20);
