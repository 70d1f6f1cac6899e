select test.shop();
insert into products (image) select test.data_uri(n) from generate_series(1, 10) n;
select test.work();
-- says: encoded
select string_agg(xmin::text, ',' order by id) as before from products \gset
select offload.configure('products', 'image', grace => '1 day');
select test.equal(test.work(), 'unchanged 10', 'every row is looked at again');
-- never says: encoded
select test.equal(string_agg(xmin::text, ',' order by id), :'before', 'no row was updated') from products;
select offload.sweep('products');
select test.equal(test.work(), 'nothing', 'what is as it was seen is not even queued');
