create table products (id int primary key, image text, photo text);
select offload.attach('products', 'image');
grant create on schema public to spec_stranger;
alter table products owner to spec_stranger;
insert into products values (1, test.data_uri(1));
select test.equal((select count(*) from offload.arrival), 1, 'writes go on');
select offload.attach('products', 'photo');
select test.equal((select count(*) from pg_proc where proname like '\_fetch\_1' and proowner = 'spec_stranger'::regrole), 1);
select test.equal(test.work(), 'unchanged 1');
