create table products (id int primary key, image text, image_at text unique);
create function touch() returns trigger language plpgsql as 'begin return new; end';
select offload.attach('products', 'image', url_column => 'image_at');
create table posters (id int, day date, image text, primary key (id, day)) partition by range (day);
create table posters_1 partition of posters for values from ('2026-01-01') to ('2027-01-01');
select offload.attach('posters', 'image');
select test.rows('select * from offload.integrity_issues', array[]::text[]);
select test.holds((select tgname is not null from pg_trigger where tgname = 'zz_offload_admit_1'), 'the guard comes before an INSERT already');
-- The table's own trigger, which came after ours, may change what a statement does not name.
create trigger touch before update on products for each row execute function touch();
create trigger touch before update on posters_1 for each row execute function touch();
select test.rows('select relation::text, level, remedy, issue ~ ''zz_offload_(guard|change)_[12] was made before|(admit_2|change_1) is missing'' from offload.integrity_issues',
  array[
    'posters|fail|select offload.refresh(''posters'');|true', 'posters|fail|select offload.refresh(''posters'');|true',
    'posters|fail|select offload.refresh(''posters'');|true', 'products|fail|select offload.refresh(''products'');|true', 'products|fail|select offload.refresh(''products'');|true']);
select offload.refresh('products'), offload.refresh('posters');
select test.rows('select * from offload.integrity_issues', array[]::text[]);
drop trigger touch on products;
select test.rows('select * from offload.integrity_issues', array[]::text[], 'what sees more than it must is no issue');
-- Whoever may work sees them, too.
select offload.grant_role('worker', 'spec_worker');
drop trigger zz_offload_capture_1 on products;
drop function offload._read_2;
alter table products enable row level security, force row level security, disable trigger zz_offload_guard_1;
-- session worker
set session authorization spec_worker;
select test.rows('select relation::text, level, issue from offload.integrity_issues', array[
  'posters|fail|function _read_2 is missing',
  'products|fail|trigger zz_offload_capture_1 is missing',
  'products|fail|trigger zz_offload_guard_1 is disabled: changes are noticed only by the sweep',
  'products|warn|row security is forced on its owner, with whose rights rows are read and URLs written']);
