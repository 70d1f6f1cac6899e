select test.shop();
-- session worker
set session authorization postgres;
listen offload;
select test.equal(offload._try_doorbell(), 'taken');
-- session main
select offload.sweep('products');
-- session worker
select test.equal((select state from offload.backfill), 'pending');
-- says: Asynchronous notification "offload"
-- session main
insert into offload.setting (name, value) values ('doorbell', 'off');
select offload.sweep('products');
-- session worker
select test.equal((select state from offload.backfill), 'pending');
-- never says: Asynchronous notification
