select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
create table galleries (id int primary key, name text, pictures bytea[]);
select offload.attach('galleries', 'pictures', stores => '{media}');
insert into galleries (id, pictures) values (1, array[test.png(1), test.png(2)]), (2, array[test.png(1), null]);
-- session worker
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
-- session application
update galleries set pictures = pictures[2:2] || pictures[1:1] where id = 1;
update galleries set name = 'unrelated' where id = 2;
-- session worker
select test.equal(test.complete(:'lease', :'results', :'contents'), 'changed 1, written 1');
select test.work();
select test.equal(pictures_remote_urls, array[test.url(2), test.url(1)]) from galleries where id = 1;
select test.equal(pictures_remote_urls, array[test.url(1), null]) from galleries where id = 2;
