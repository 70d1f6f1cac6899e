select test.raises(format('select offload.add_store(%s)', s), 'OF016', '', h)
from (values
  ('''Media'', ''s3'', bucket => ''b''', 'lowercase'), ('null, ''s3'', bucket => ''b''', 'lowercase'), ('''m'', ''ftp''', 'cloudinary'),
  ('''m'', null', 'cloudinary'), ('''m'', ''s3''', 'bucket =>'), ('''m'', ''cloudinary''', 'bucket =>'), ('''m'', ''directory''', 'path =>'),
  ('''m'', ''s3'', bucket => ''b'', path => ''/x''', 'path'), ('''m'', ''directory'', path => ''x''', 'absolute'),
  ('''m'', ''directory'', path => ''/x/../y''', 'absolute'), ('''m'', ''directory'', path => ''/x/''', 'without a slash'),
  ('''m'', ''database'', bucket => ''b''', 'bucket'), ('''m'', ''s3'', bucket => ''b'', endpoint => ''minio:9000''', 'https://host'),
  ('''m'', ''s3'', bucket => ''b'', endpoint => ''https://u:p@minio''', 'credentials'),
  ('''m'', ''s3'', bucket => ''b'', prefix => ''a''', 'slash'), ('''m'', ''s3'', bucket => ''b'', prefix => ''/a/''', 'slash'),
  ('''m'', ''s3'', bucket => ''b'', addressing => ''both''', 'virtual'), ('''m'', ''s3'', bucket => ''b.c'', addressing => ''virtual''', 'path'),
  ('''m'', ''s3'', bucket => ''b'', access => ''open''', 'private'), ('''m'', ''s3'', bucket => ''b'', retention => ''-1 day''', 'retention'),
  ('''m'', ''s3'', bucket => ''b'', public_url => ''https://cdn?x=1''', 'query')) v (s, h);
select test.equal((select count(*) from offload.store), 0);
