create table products (id int primary key, image text);
create table public.log (who name, old text, new text);
create function public.audit() returns trigger language plpgsql as $$
begin
  insert into public.log values (current_user, old.image_remote_url, new.image_remote_url);
  return null;
end;
$$;
create trigger audit after update on products for each row execute function public.audit();
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', stores => '{media}');
select offload.grant_role('worker', 'spec_worker');
insert into products values (1, test.data_uri(1));
set session authorization spec_worker;
select test.equal(test.work(), 'written 1');
set session authorization spec_owner;
select test.rows('select * from log', array['spec_owner||' || test.url(1)]);
