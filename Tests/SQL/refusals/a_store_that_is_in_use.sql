select test.shop();
select test.raises($$select offload.drop_store('media')$$, 'OF017', 'products.image', 'offload.configure');
insert into products (image) values (test.data_uri(1));
select test.work();
select test.raises($$select offload.drop_store('media')$$, 'OF017', '1 object', 'offload.drain_store');
select offload.add_store('unused', 's3', bucket => 'unused');
select offload.drop_store('unused');
select test.rows('select name from offload.store', array['media']);
