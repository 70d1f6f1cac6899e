create table products (id int primary key, image text);
select offload.attach('products', 'image');
select test.raises(format('insert into offload.setting (name, value) values (%L, %L)', s, v), 'OF015', s, h)
from (values ('strategy', 's3', 's3_primary'), ('strategy', '', 's3_primary'), ('threshold', '10 MB', 'bytes'), ('threshold', '-1', 'bytes'),
  ('local_store', 'My Disk', 'directory'), ('source_policy', 'drop', 'replace'), ('originals', 'burn', 'archive'),
  ('grace', 'soon', '7 days'), ('grace', '-1 day', '7 days'), ('format', 'jpeg', 'smallest'), ('max_edge', '1024px', '16383'),
  ('max_edge', '0', '16383'), ('max_edge', '99999999999', '16383'), ('max_bytes', '0', 'positive'), ('max_bytes', '5e5', 'positive'),
  ('qualities', '85,75', '{85,75,60}'), ('qualities', '{}', 'twenty'), ('qualities', '{101}', 'twenty'), ('qualities', '{80,NULL}', 'twenty'),
  ('flatten', 'maybe', 'true or false'), ('background', 'white', 'HTML'), ('effort', 'slow', 'fast'),
  ('accept_truncated', '', 'true or false'), ('max_attempts', '0', '1000'), ('doorbell', 'loud', 'on or off'),
  ('sweep_every', 'daily', '1 day'), ('sweep_every', '-1 hour', '1 day'), ('max_egde', '800', 'max_edge')) v (s, v, h);
select test.raises($$select offload.set('max_edge', '1024px')$$, 'OF015', 'max_edge', '16383');
select test.raises($$select offload.set('local_store', 'nowhere')$$, 'OF008', 'no local store');
select test.equal((select count(*) from offload.setting), 0);
insert into offload.setting (name, value) values
  ('strategy', 'hybrid'), ('threshold', '0'), ('local_store', 'disk'), ('source_policy', 'keep'), ('originals', 'archive'), ('grace', '0'),
  ('format', 'webp'), ('max_edge', '16383'), ('max_bytes', '1'), ('qualities', '{100,1}'), ('flatten', 'false'), ('background', '#F5f5f5'),
  ('effort', 'fast'), ('accept_truncated', 'on'), ('max_attempts', '1000'), ('doorbell', 'off'), ('sweep_every', '0');
select test.raises($$update offload.setting set value = 'x' where name = 'max_edge'$$, 'OF015', 'max_edge');
select test.equal((select count(*) from offload.effective_column), 1);
