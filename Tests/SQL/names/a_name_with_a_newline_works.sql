create table "a
b" (id int primary key, "c
d" text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('"a
b"', E'c\nd', stores => '{media}');
insert into "a
b" values (1, test.data_uri(1));
select test.equal(test.work(), 'written 1');
select test.equal((select count(*) from "a
b_media" where "c
d_source" = 's3'), 1);
