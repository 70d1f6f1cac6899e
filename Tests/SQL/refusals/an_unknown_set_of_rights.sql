select test.raises($$select offload.grant_role('god', 'spec_app')$$, 'OF020', '"god"', 'analyst');
select test.raises($$select offload.grant_role(null, 'spec_app')$$, 'OF020', '', 'analyst');
select test.raises($$select offload.grant_role('app', 'nobody_at_all')$$, '42704', 'nobody_at_all');
select test.equal((select count(*) from offload.granted_role), 0);
