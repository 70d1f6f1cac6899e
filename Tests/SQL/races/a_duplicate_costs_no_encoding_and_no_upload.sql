select test.shop();
insert into products (image) values (test.data_uri(1));
select test.work();
-- says: encoded
update offload.replica set etag = 'first';
insert into products (image) values (test.data_uri(1)), (E'iVBORw0KGgoA\nAAAB' || substr(test.base64(1), 17));
select test.equal(test.work(), 'written 2', 'with a line break, as base64 alone: the same bytes');
-- never says: encoded
select test.equal((select count(*) from products where image_s3_url = test.url(1)), 3);
select test.rows('select count(*), min(etag) from offload.replica', array['1|first']);
select test.rows('select count(*) from offload.object', array['1']);
