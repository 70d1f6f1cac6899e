create table products (id int primary key, image text, image_at text, digest text generated always as (md5(image)) stored);
create function public.audit() returns trigger language plpgsql as 'begin return null; end';
create trigger "Audit all" after insert or update on products for each row execute function public.audit();
create trigger audit_urls after update of image_at on products for each row execute function public.audit();
create trigger audit_images after update of image on products for each row execute function public.audit();
create trigger audit_inserts after insert on products for each row execute function public.audit();
select offload.attach('products', 'image', url_column => 'image_at');
-- says: each URL that is written back to table public.products fires: generated column digest, trigger "Audit all", trigger audit_urls
select test.holds(true, 'the notice names them, and no others');
