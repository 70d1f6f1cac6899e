-- What a trigger before the row is shown is not compressed yet, and what a session's first plans are given is read whole.
select test.shop();
create table albums (id int primary key, name text, pictures text[]);
select offload.attach('albums', 'pictures', url_column => 'urls', kind => 'file', stores => '{media}', strategy => 's3_primary');
insert into albums values (1, 'a', array[repeat('QUJD', 1000)]);
select test.rows('select bytes_in_rows = (select sum(pg_column_size(pictures)) from albums) from offload.storage_stats where relation = ''albums''::regclass',
  array['true'], 'as it is stored');
delete from offload.arrival;
do $$ begin for n in 1..8 loop update albums set name = n, pictures = array[repeat('QUJD', 1000)]; end loop; end $$;
select test.equal((select count(*) from offload.arrival), 0);
update albums set urls = array['https://elsewhere.test/1.webp'];
delete from offload.arrival;
do $$ begin for n in 1..8 loop update albums set name = n, pictures = array[repeat('QUJD', 1000)]; end loop; end $$;
select test.equal((select count(*) from offload.arrival), 0);
select test.rows('select bytes_in_rows = (select sum(pg_column_size(pictures)) from albums) from offload.storage_stats where relation = ''albums''::regclass',
  array['true'], 'as it is stored');
delete from albums;
select test.rows('select bytes_in_rows from offload.storage_stats where relation = ''albums''::regclass', array['0']);
