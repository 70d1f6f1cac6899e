create schema authorization spec_stranger;
set session authorization postgres;
set role spec_stranger;
create table spec_stranger.products (id int primary key, image text);
reset role;
set session authorization spec_owner;
create table goods (id int primary key, image text);
select offload.attach('spec_stranger.products', 'image');
select offload.attach('goods', 'image');
select test.rows($$select proname, pg_get_userbyid(proowner) from pg_proc where pronamespace = 'offload'::regnamespace and prosecdef order by 1$$, array[
  '_capture_1|spec_stranger', '_capture_2|spec_owner', '_change_1|spec_stranger', '_change_2|spec_owner', '_count_1|spec_stranger', '_count_2|spec_owner', '_fetch_1|spec_stranger',
  '_fetch_2|spec_owner', '_guard_1|spec_stranger', '_guard_2|spec_owner', '_read_1|spec_stranger', '_read_2|spec_owner',
  '_scan_1|spec_stranger', '_scan_2|spec_owner', '_write_back_1|spec_stranger', '_write_back_2|spec_owner'], 'and nothing else is one');
select test.holds(not has_schema_privilege('spec_stranger', 'offload', 'create'), 'the owner may create nothing with us');
insert into spec_stranger.products values (1, test.data_uri(1));
select test.equal(test.work(), 'unchanged 1');
select test.equal((select pg_get_userbyid(relowner)::text from pg_class where oid = 'spec_stranger.products_media'::regclass), 'spec_stranger', 'the view, too');
