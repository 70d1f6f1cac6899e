select 'create table wide (id int primary key, ' || string_agg(format('i%1$s text, u%1$s text', n), ', ') || ')' from generate_series(1, 60) n \gexec
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('wide', 'i' || n, url_column => 'u' || n, stores => '{media}') from generate_series(1, 60) n \g /dev/null
select test.work();
insert into wide (id, i1, i60) values (1, test.data_uri(1), test.data_uri(60));
select test.work();
select test.rows('select u1, u60 from wide', array[test.url(1) || '|' || test.url(60)]);
update wide set i60 = test.data_uri(61);
select test.rows('select u1, u60 from wide', array[test.url(1) || '|']);
select test.work();
delete from wide;
select test.rows('select key from offload.arrival', array['["1"]']);
