select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
create table galleries (id int primary key, pictures bytea[]);
select offload.attach('galleries', 'pictures', stores => '{media}');
insert into galleries values (1, '{}'), (2, null), (3, array[null]::bytea[]), (4, array['']::bytea[]);
select test.work();
select test.equal((select count(*) from offload.arrival), 0);
select test.equal((select count(*) from galleries where pictures_remote_urls is not null), 0);
select test.rows('select key, position, reason from offload.failures', array['["4"]|1|empty']);
select test.rows('select id, pictures_url, pictures_source from galleries_media order by id',
  array['1|[]|[]', '2||', '3|[null]|[null]', '4|[null]|[null]']);
