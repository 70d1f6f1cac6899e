create table documents (id int primary key, body bytea);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('documents', 'body', kind => 'file', stores => '{media}', source_policy => 'clear', grace => '0');
insert into offload.store_check (store, is_reachable, opens) values (1, true, true);
insert into documents values (1, '%PDF-1.7');
select test.equal(test.work(), 'written 1');
select test.rows('select body is null, body_source from documents_media', array['true|s3']);
select test.rows('select hash = sha256(''%PDF-1.7''), media_type from offload.object', array['true|application/pdf']);
