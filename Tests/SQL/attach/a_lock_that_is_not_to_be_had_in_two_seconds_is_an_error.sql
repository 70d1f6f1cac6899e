create table products (id int primary key, image text, image_at text);
-- session writer
begin;
insert into products values (1, 'x');
-- session owner
select test.raises($$select offload.attach('products', 'image', url_column => 'image_at')$$, 'OF012', 'products', 'pg_locks');
select test.raises($$select offload.attach('products', 'image')$$, 'OF012', 'products', 'Try again');
select test.equal((select count(*) from offload.managed_table), 0, 'nothing is left behind');
-- session writer
insert into products values (2, 'x');
commit;
-- session owner
select offload.attach('products', 'image', url_column => 'image_at');
-- session writer
begin;
insert into products values (3, 'x');
-- session owner
select test.raises($$select offload.detach('products', 'image')$$, 'OF012', 'products', 'Try again');
-- session writer
commit;
