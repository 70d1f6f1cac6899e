select repeat('ü', 31) as i \gset
create table things (id int primary key, :"i" text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('things', :'i', stores => '{media}');
insert into things values (1, test.data_uri(1));
select test.equal(test.work(), 'written 1');
select test.rows('select url_column from offload.managed_column', array[repeat('ü', 26) || '_remote_url']);
