create table shifts (
  begin int, "loop" int, "while" text, "strict" text, "if" bytea, "by" text, primary key (begin, "loop"));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('shifts', 'while', url_column => 'strict', stores => '{media}');
select offload.attach('shifts', 'if', url_column => 'by', stores => '{media}');
select test.work();
insert into shifts values (1, 3, test.data_uri(2), test.url(1), test.png(3), null);
select test.rows('select key from offload.arrival', array['["1","3"]']);
select test.rows('select "strict", "by" from shifts', array['|']);
select test.work();
select test.rows('select "strict", "by" from shifts', array[test.url(2) || '|' || test.url(3)]);
update shifts set "while" = test.data_uri(4);
select test.rows('select "strict", "by" from shifts', array['|' || test.url(3)]);
update shifts set begin = 2;
select test.rows('select distinct key from offload.arrival order by 1', array['["1","3"]', '["2","3"]']);
select test.work();
delete from shifts;
select test.rows('select key from offload.arrival', array['["2","3"]']);
select test.rows('select total, with_s3, with_base64 from offload.storage_stats order by column_name', array['0|0|0', '0|0|0']);
