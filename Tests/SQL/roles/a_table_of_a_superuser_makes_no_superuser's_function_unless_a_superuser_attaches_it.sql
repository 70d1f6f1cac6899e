set session authorization postgres;
create table public.products (id int primary key, image text);
set session authorization spec_owner;
select test.raises($$select offload.attach('products', 'image')$$, 'OF013', 'spec_owner may not manage table public.products', 'owner');
select test.equal((select count(*) from pg_proc where pronamespace = 'offload'::regnamespace and proowner = 'postgres'::regrole), 0);
