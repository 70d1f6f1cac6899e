select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
create table galleries (id int primary key, pictures bytea[]);
select offload.attach('galleries', 'pictures', stores => '{media}');
insert into galleries values (1, array[test.png(1), null, test.png(3)]);
select test.equal(test.work(), 'written 1');
select test.rows('select pictures_remote_urls from galleries', array[to_json(array[test.url(1), null, test.url(3)])::text]);
select test.rows('select position, object_hash is not null from offload.item order by 1', array['1|true', '3|true']);
select test.rows('select pictures_source from galleries_media', array['["s3",null,"s3"]']);
