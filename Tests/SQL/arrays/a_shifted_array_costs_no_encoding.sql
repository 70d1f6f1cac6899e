select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
create table galleries (id int primary key, pictures bytea[]);
select offload.attach('galleries', 'pictures', stores => '{media}');
insert into galleries values (1, array[test.png(1), test.png(2), test.png(3)]);
select test.work();
-- says: encoded
update galleries set pictures = pictures[2:3];
select test.equal(pictures_remote_urls, null, 'no URL stands in a wrong place') from galleries;
select test.work();
-- never says: encoded
select test.equal(pictures_remote_urls, array[test.url(2), test.url(3)]) from galleries;
select test.rows('select position, source_hash = sha256(test.png(position + 1)) from offload.item order by 1', array['1|true', '2|true']);
select test.equal((select count(*) from offload.object where unreferenced_since is not null), 1, 'the first is garbage');
