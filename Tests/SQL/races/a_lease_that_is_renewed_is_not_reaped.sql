select test.shop();
insert into products (image) values (test.data_uri(1));
select test.claim(100, '0') as lease \gset
select test.equal(offload.renew(:'lease', '1 hour'), 1);
select test.equal(offload.reap(), 0);
select test.equal(test.claim(), null);
