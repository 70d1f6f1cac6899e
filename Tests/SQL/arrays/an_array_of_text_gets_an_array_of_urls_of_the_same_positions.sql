select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
create table galleries (id int primary key, pictures text[], addresses text[]);
select offload.attach('galleries', 'pictures', url_column => 'addresses', stores => '{media}');
insert into galleries values (1, array[null, test.data_uri(1), test.base64(2), 'no image']);
select test.equal(test.work(), 'written 1');
select test.equal(addresses, array[null, test.url(1), test.url(2), null]) from galleries;
select test.rows('select position, reason from offload.failures', array['4|not_base64']);
