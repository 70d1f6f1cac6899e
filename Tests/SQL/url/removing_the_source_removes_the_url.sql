select test.shop();
insert into products (image) values (test.data_uri(1));
select test.work();
update products set image = null;
select test.equal(image_s3_url, null) from products;
select test.equal(test.work(), 'unchanged 1');
select test.equal((select count(*) from offload.item), 0);
select test.holds(unreferenced_since is not null, 'its object is garbage') from offload.object;
