do $$
begin
  create collation public.blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
exception when feature_not_supported then
  -- Where the server was built without ICU, no collation holds unequal letters equal.
  create collation public.blind from "C";
end;
$$;
create table products (id int primary key, image text collate public.blind, image_s3_url text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}', kind => 'file');
insert into products values (1, 'QUJD');
select test.work();
update products set image = 'qujd';
select test.equal(image_s3_url, null) from products;
