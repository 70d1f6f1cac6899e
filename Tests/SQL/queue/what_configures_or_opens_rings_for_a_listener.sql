select test.shop();
insert into products (image) values (test.data_uri(1));
select test.work();
-- session listener
listen offload;
select pg_advisory_lock(offload._doorbell(), 1);
-- session main
select offload.configure('products', 'image', source_policy => 'clear', originals => 'discard', grace => '0');
-- session listener
select test.equal((select state from offload.backfill), 'pending');
-- says: Asynchronous notification
-- session main
select test.work();
-- session listener
select 1;
-- session main
select offload.note_check('media', true, true);
-- session listener
select test.equal((select state from offload.backfill), 'pending');
-- says: Asynchronous notification
-- session main
select test.work();
select test.holds(image is null) from products;
