select offload.add_store('aws', 's3', bucket => 'b', region => 'eu-west-1', prefix => 'p/');
select offload.add_store('aws_path', 's3', bucket => 'c', region => 'eu-west-1', addressing => 'path');
select offload.add_store('aws_dot', 's3', bucket => 'd.e', region => 'eu-west-1');
select offload.add_store('default_region', 's3', bucket => 'f');
select offload.add_store('minio', 's3', bucket => 'g', endpoint => 'http://localhost:9000/');
select offload.add_store('virtual', 's3', bucket => 'h', endpoint => 'https://s3.example:444', addressing => 'virtual', prefix => 'a/b/');
select offload.add_store('cdn', 's3', bucket => 'i', public_url => 'https://cdn.example/media', prefix => 'x/');
select offload.add_store('disk', 'directory', path => '/srv/my media', prefix => 'y/');
select offload.add_store('cloud', 'cloudinary', bucket => 'demo');
select offload.add_store('rows', 'database');
select test.rows('select s.name, u.prefix from offload.store s left join offload.store_url u on u.store = s.id order by s.id', array[
  'aws|https://b.s3.eu-west-1.amazonaws.com/p/', 'aws_path|https://s3.eu-west-1.amazonaws.com/c/',
  'aws_dot|https://s3.eu-west-1.amazonaws.com/d.e/', 'default_region|https://f.s3.us-east-1.amazonaws.com/', 'minio|http://localhost:9000/g/',
  'virtual|https://h.s3.example:444/a/b/', 'cdn|https://cdn.example/media/x/', 'disk|file:///srv/my media/y/',
  'cloud|https://res.cloudinary.com/demo/', 'rows|']);
select test.rows($$select credentials from offload.store where name in ('aws', 'cloud', 'disk') order by id$$,
  array['{"access_key": "S3_ACCESS_KEY_ID", "secret_key": "S3_SECRET_ACCESS_KEY"}'::jsonb::text, '{}', '{"api_key": "CLOUDINARY_API_KEY", "api_secret": "CLOUDINARY_API_SECRET"}'::jsonb::text]);
