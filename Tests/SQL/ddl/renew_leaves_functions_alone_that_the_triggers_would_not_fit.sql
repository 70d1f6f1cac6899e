select test.shop();
create function pg_temp.sources() returns text language sql as $$
  select string_agg(proname || prosrc, '' order by proname) from pg_proc
  where pronamespace = 'offload'::regnamespace and proname ~ '_1$';
$$;
select pg_temp.sources() as before \gset
select test.equal(offload.renew(), 0);
-- Of the table's own, so that an UPDATE wants two triggers, one before and one after.
create function touch() returns trigger language plpgsql as 'begin return new; end';
create trigger touches before update on products for each row execute function touch();
select test.equal(offload.renew(), 0);
-- says: the triggers of table public.products do not fit what the table is now
select test.equal(pg_temp.sources(), :'before');
select offload.refresh('products');
select test.equal(offload.renew(), 0);
select test.holds(pg_temp.sources() <> :'before');
-- A column that was renamed since is told, and nothing is half renewed.
alter table products rename column image to picture;
do $$ begin execute replace(pg_get_functiondef('offload._scan_1'::regproc), '$function$', E'$function$\n'); end $$;
select pg_temp.sources() as before \gset
select test.equal(offload.renew(), 0);
-- says: select offload.refresh('public.products')
select test.equal(pg_temp.sources(), :'before');
select offload.refresh('products');
select test.equal(offload.renew(), 0);
insert into products (picture) values (test.base64(1));
select test.equal(test.work(), 'written 1');
