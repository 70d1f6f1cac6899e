select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
create table galleries (id int primary key, pictures text[]);
select offload.attach('galleries', 'pictures', stores => '{media}');
insert into galleries values (1, array[test.data_uri(1), test.data_uri(2)]);
select test.work();
update galleries set pictures[2] = test.data_uri(3);
select test.work();
select test.equal(pictures_remote_urls, array[test.url(1), test.url(3)]) from galleries;
select test.equal((select count(*) from offload.object), 3);
