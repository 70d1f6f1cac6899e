-- What a table calls, it finds by the application's search path.
create function looks(text) returns boolean language sql immutable as $$ select length($1) > 2 $$;
create function is_image(text) returns boolean language plpgsql immutable as $$ begin return looks($1); end $$;
create table checked (id int primary key, image text check (is_image(image)), image_at text);
create table made (id int primary key, image text, image_at text, is_good boolean generated always as (is_image(image)) stored);
create table sorted (id int primary key, image text, image_at text);
create index on sorted ((is_image(image_at)));
create table keyed (id int primary key, image text, image_at text unique);
create table known (url text primary key);
create table linked (id int primary key, image text, image_at text references known);
create table plain (id int primary key, image text check (length(image) > 2), image_at text, size int generated always as (length(image)) stored);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach(t::regclass, 'image', url_column => 'image_at', stores => '{media}')
from unnest('{checked,made,sorted,keyed,linked,plain}'::text[]) t;
insert into checked values (1, test.data_uri(2), test.url(1));
insert into made values (1, test.data_uri(2), test.url(1));
insert into sorted values (1, test.data_uri(2), test.url(1));
insert into keyed values (1, test.data_uri(1), null), (2, test.data_uri(2), test.url(1)), (3, test.data_uri(3), test.url(1));
insert into linked values (1, test.data_uri(2), test.url(1));
insert into plain values (1, test.data_uri(2), test.url(1));
select test.equal((select count(*) from checked where image_at is null), 1::bigint, 'a constraint that calls a function');
select test.equal((select count(*) from made where image_at is null and is_good), 1::bigint, 'a generated column');
select test.equal((select count(*) from sorted where image_at is null), 1::bigint, 'an index of an expression');
select test.equal((select count(*) from keyed where image_at is null), 3::bigint, 'a unique url');
select test.equal((select count(*) from linked where image_at is null), 1::bigint, 'a url that refers to another table');
select test.equal((select count(*) from plain where image_at is null and size > 2), 1::bigint);
select test.rows($$select tgrelid::regclass::text from pg_trigger where tgname ~ 'admit' order by 1$$,
  array['checked', 'keyed', 'linked', 'made', 'sorted'], 'functions of Postgres itself are nobody''s to hide');

-- A trigger that came after the attachment refuses the UPDATE, not the INSERT.
create function never() returns trigger language plpgsql as $$ begin raise exception 'this is not changed'; end $$;
create trigger never before update on plain for each row execute function never();
truncate offload.arrival;
insert into plain (id, image, image_at) values (2, test.data_uri(2), test.url(1));
select test.equal((select count(*) from offload.arrival where key is null), 1::bigint, 'a look at the table does as well');
