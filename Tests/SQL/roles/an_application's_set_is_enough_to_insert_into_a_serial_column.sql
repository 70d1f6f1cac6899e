create table "odd Products" (id serial primary key, image text);
select offload.grant_role('app', 'spec_app');
select offload.attach('"odd Products"', 'image');
set session authorization spec_app;
insert into public."odd Products" (image) values (test.data_uri(1));
select test.rows('select id, image_source from public."odd Products_media"', array['1|base64']);
