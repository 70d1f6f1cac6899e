create table products (id int primary key, image text, image_s3_url text, name text);
create function public.normalise() returns trigger language plpgsql as $$
begin
  if new.name = 'changed' then
    new.image := test.data_uri(9);
  end if;
  return new;
end;
$$;
create trigger aa_normalise before update on products for each row execute function public.normalise();
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}');
insert into products values (1, test.data_uri(1));
select test.work();
-- The statement names no column of ours.
update products set name = 'changed';
select test.equal(image_s3_url, null, 'the URL of the old image is gone') from products;
select test.work();
select test.equal(image_s3_url, test.url(9)) from products;
