create table products (id int primary key, image text);
select offload.add_store('media', 's3', bucket => 'b1');
select test.raises(format('select offload.attach(''products'', ''image'', %s)', s), 'OF015', split_part(s, ' ', 1), h)
from (values ('strategy => ''s4''', 'hybrid'), ('threshold => -1', 'bytes'), ('source_policy => ''drop''', 'replace'),
  ('originals => ''burn''', 'archive'), ('grace => ''-1 day''', 'grace'), ('format => ''jpeg''', 'smallest'), ('max_edge => 0', '16383'),
  ('max_edge => 16384', '16383'), ('max_bytes => 0', 'positive'), ('qualities => ''{}''', '1 to 100'), ('qualities => ''{101}''', '1 to 100'),
  ('qualities => ''{80,NULL}''', '1 to 100'), ('max_attempts => 0', '1 to 1000'), ('effort => ''slow''', 'fast'),
  ('background => ''white''', 'HTML'), ('background => ''#fff''', 'HTML'), ('kind => ''audio''', 'video'), ('kind => null', 'video')) v (s, h);
select test.equal((select count(*) from offload.managed_column), 0);
select offload.attach('products', 'image');
select test.raises($$select offload.configure('products', 'image', max_edge => 99999)$$, 'OF015', 'max_edge', '16383');
