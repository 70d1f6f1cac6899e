select test.shop();
insert into products (image) values (test.data_uri(1));
-- session slow
select test.claim(100, '0') as lease \gset
select (test.process(:'lease')).* \gset
-- session other
select test.equal(offload.reap(), 1);
select test.equal(attempts, 1, 'the attempt counts') from offload.job;
-- session application
update products set image = test.data_uri(2);
-- session other
select test.equal(test.work(), 'written 1');
select test.equal(image_s3_url, test.url(2)) from products;
-- session slow
select test.equal(test.complete(:'lease', :'results', :'contents'), '', 'nothing is held any more');
select test.equal(offload.renew(:'lease'), 0);
select test.equal(image_s3_url, test.url(2)) from products;
select test.equal(source_hash, sha256(test.png(2))) from offload.item;
