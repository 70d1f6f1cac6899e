select test.shop();
insert into products (image) values (test.data_uri(1));
select test.claim() as lease \gset
select test.equal(offload.release(array(select id from offload.job), :'lease', '30 seconds', 'store_unavailable'), 1);
update products set image = test.data_uri(2);
update products set image = test.data_uri(3);
select test.equal((select count(*) from offload.arrival), 3);
select test.claim() as lease \gset
select test.equal((select count(*) from offload.arrival), 1, 'what was put off is for the same row');
select test.equal(offload.release(array(select id from offload.job), :'lease', '30 seconds', 'store_unavailable'), 1);
update products set image = test.data_uri(4);
select test.equal(test.work(), 'written 1');
select test.equal((select count(*) from offload.arrival), 0);
select test.equal(image_s3_url, test.url(4)) from products;
