create table "Order Lines" (
  "Order Id" uuid, "line""no" int, "Größe" text, image text, image_s3_url text,
  primary key ("line""no", "Order Id", "Größe"));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('"Order Lines"', 'image', url_column => 'image_s3_url', stores => '{media}');
insert into "Order Lines"
select '6b0a4f0e-8a5c-4a0e-9f0b-1d2c3b4a5f60', n % 3, 'Größe "' || n || '"', test.data_uri(n) from generate_series(1, 9) n;
select test.equal(test.work(), 'written 9');
select test.equal((select count(*) from "Order Lines" where image_s3_url = test.url(test.decoded(image))), 9);
update "Order Lines" set "line""no" = 7 where "Größe" = 'Größe "1"';
select test.work(2);
select test.equal((select count(*) from offload.item), 9);
select test.rows($$select relation::text, key from offload.item i, offload.managed_table where key[1] = '7'$$,
  array['"Order Lines"|["7","6b0a4f0e-8a5c-4a0e-9f0b-1d2c3b4a5f60","Größe \"1\""]']);
