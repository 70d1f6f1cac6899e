select offload.add_store('media', 's3', bucket => 'b', region => 'eu-central-1');
select test.raises($$select offload.add_store('media', 's3', bucket => 'c')$$, 'OF019', '"media"', 'drop_store');
select test.raises($$select offload.add_store('other', 's3', bucket => 'b', region => 'eu-central-1')$$, 'OF019', '"other"', 'prefix');
select offload.add_store('other', 's3', bucket => 'b', region => 'eu-central-1', prefix => 'other/');
select test.equal((select count(*) from offload.store), 2);
