create table documents (id int primary key, body bytea);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('documents', 'body', kind => 'file', stores => '{media}', strategy => 'hybrid');
insert into documents select n, convert_to(repeat(n::text, 10000000 + n), 'UTF8') from generate_series(0, 1) n;
select test.work();
select test.rows('select id, body_source from documents_media order by id', array['0|base64', '1|s3']);
-- Of a text its decoded bytes count, not its letters.
create table letters (id int primary key, body text);
select offload.attach('letters', 'body', kind => 'file', stores => '{media}', strategy => 'hybrid');
insert into letters select n, translate(encode(convert_to(repeat(n::text, 10000000 + n), 'UTF8'), 'base64'), E'\n', '')
from generate_series(0, 1) n;
select test.work();
select test.rows('select id, body_source from letters_media order by id', array['0|base64', '1|s3']);
