create table "select" ("table" int primary key, "from" text, "new" text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('"select"', 'from', url_column => 'new', stores => '{media}');
insert into "select" values (1, test.data_uri(1));
select test.equal(test.work(), 'written 1');
select test.equal("new", test.url(1)) from "select";
