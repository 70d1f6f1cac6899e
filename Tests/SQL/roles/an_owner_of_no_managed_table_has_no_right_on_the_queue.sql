grant create on schema public to spec_stranger;
set session authorization spec_stranger;
create table public.products (id int primary key, image text);
create table public.parts (id int primary key, image text);
set session authorization spec_owner;
select offload.attach('products', 'image');
select offload.attach('parts', 'image');
create function pg_temp.may() returns boolean language sql as $$
  select has_column_privilege('spec_stranger', 'offload.arrival', 'key', 'insert')
    or has_column_privilege('spec_stranger', 'offload.count_entry', 'rows', 'insert')
    or has_column_privilege('spec_stranger', 'offload.row_entry', 'rows', 'insert')
    or has_column_privilege('spec_stranger', 'offload.managed_table', 'mark', 'select');
$$;
select offload.detach('products', 'image');
select test.holds(pg_temp.may());
insert into parts values (1, test.data_uri(1));
select offload.detach('parts', 'image');
select test.holds(not pg_temp.may());
select offload.attach('parts', 'image');
insert into parts values (2, test.data_uri(2));
select test.equal((select count(*) from offload.arrival), 1);
