create table pages (id int primary key, name text, image text, image_at text) partition by range (id);
create table pages_1 partition of pages for values from (1) to (10);
create function change_it() returns trigger language plpgsql as $$
begin
  if new.name = 'b' then new.image := test.data_uri(7); end if;
  return new;
end $$;
create trigger change_it before update on pages_1 for each row execute function change_it();
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('pages', 'image', url_column => 'image_at', stores => '{media}');
insert into pages values (1, 'a', test.data_uri(1), null);
select test.work();
select test.equal(image_at, test.url(1)) from pages;
update pages set name = 'b';
select test.rows('select key from offload.arrival', array['["1"]']);
select test.equal(image_at, null, 'the URL of the old image is gone') from pages;
