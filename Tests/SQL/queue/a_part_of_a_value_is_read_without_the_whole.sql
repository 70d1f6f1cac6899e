create table things (id int primary key, a text, b bytea, c text[], d bytea[]);
select offload.attach('things', 'a', kind => 'file');
select offload.attach('things', 'b', kind => 'file');
select offload.attach('things', 'c', kind => 'file');
select offload.attach('things', 'd', kind => 'file');
insert into things values (1, 'aäbc', '\x00010203', array['x', 'yz'], array['\x0a'::bytea, '\x0b0c']);
select lease, job from offload.claim() \gset
select test.rows(format('select managed_column, position, source_length, source_text, source_bytea from offload.fetch_sources(%L, inline_limit => 1) order by 1, 2', :'lease'),
  array['1|0|5||', '2|0|4||', '3|1|1|x|', '3|2|2||', '4|1|1||\x0a', '4|2|2||'], 'what is longer than the limit is left out');
select test.equal(offload.read_part(:job, :'lease', 1, 0, 1, 2), convert_to('äb', 'UTF8'), 'text by letters');
select test.equal(offload.read_part(:job, :'lease', 2, 0, 1, 2), '\x0102'::bytea);
select test.equal(offload.read_part(:job, :'lease', 3, 2, 1, 9), 'z'::bytea);
select test.equal(offload.read_part(:job, :'lease', 4, 2, 0, 1), '\x0b'::bytea);
select test.equal(offload.read_part(:job, gen_random_uuid(), 2, 0, 1, 2), null, 'only under the lease');
select test.equal(octet_length(offload.read_part(:job, :'lease', 2, 0, 9, 2)), 0, 'beyond the end');
