-- The claim moves the job from one table to the other while the detach waits for it.
select test.shop();
insert into products (image) values (test.data_uri(1));
-- session worker
begin;
select test.equal((select count(*) from offload.claim()), 1);
-- session main, which waits
select offload.detach('products', 'image');
-- session worker
commit;
-- session main
select test.equal((select count(*) from offload.arrival), 0);
