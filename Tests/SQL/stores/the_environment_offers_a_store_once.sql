set session authorization spec_worker;
select test.raises($$select offload.add_store('x', 's3', bucket => 'x')$$, '42501');
reset session authorization;
select offload.grant_role('worker', 'spec_worker');
set session authorization spec_worker;
select test.rows($$select * from offload.offer_store('default_s3', 's3', 'http://localhost:9000', 'shop', 'us-east-1', 'path', null, '{"access_key": "S3_ACCESS_KEY_ID", "secret_key": "S3_SECRET_ACCESS_KEY"}')$$, array['default_s3|added']);
select test.rows($$select * from offload.offer_store('default_s3', 's3', 'http://localhost:9000', 'shop', 'us-east-1', 'path')$$, array['default_s3|holds']);
select test.rows($$select * from offload.offer_store('default_s3', 's3', 'http://localhost:9000', 'other', 'us-east-1', 'path')$$, array['default_s3|differs']);
select test.rows($$select * from offload.offer_store('mine', 's3', 'http://localhost:9000', 'shop')$$, array['default_s3|holds'], 'the place is known under another name');
select test.rows($$select * from offload.offer_store('default_directory', 'directory', path => '/srv/media')$$, array['default_directory|added']);
select test.raises($$select * from offload.offer_store('default_s3x', 's3', bucket => 'y', credentials => '{"access_key": "AKIAIOSFODNN7EXAMPLE"}')$$, 'OF021', 'not names');
select test.rows('select name, kind, bucket, path, access, options from offload.store order by id', array['default_s3|s3|shop||direct|{}', 'default_directory|directory||/srv/media|direct|{}']);
reset session authorization;
select offload.add_store('ours', 's3', bucket => 'old', region => 'eu-central-1', prefix => 'offload/');
set session authorization spec_worker;
select test.rows($$select * from offload.offer_store('default_old', 's3', null, 'old', 'eu-central-1')$$, array['ours|holds'],
  'what another program stored beside the folder stays foreign');
select test.holds(not offload.lies_in_store('https://old.s3.eu-central-1.amazonaws.com/products/1.jpg'));
