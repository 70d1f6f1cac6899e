create table ledger (id int primary key, image text, image_at text);
create table pages (id int primary key, image text, image_at text) partition by range (id);
create table pages_1 partition of pages for values from (1) to (10);
create function never() returns trigger language plpgsql as $$ begin raise exception 'this is not changed'; end $$;
create trigger never before update on ledger for each row execute function never();
create trigger never after update of id on pages_1 for each statement execute function never();
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('ledger', 'image', url_column => 'image_at', stores => '{media}');
select offload.attach('pages', 'image', url_column => 'image_at', stores => '{media}');
insert into ledger values (1, test.data_uri(2), test.url(1));
select test.equal(image_at, null, 'no update that its trigger could refuse') from ledger;
insert into pages values (1, test.data_uri(2), test.url(1));
select test.equal(image_at, null, 'nor that of a partition') from pages;
select test.rows($$select tgrelid::regclass from pg_trigger where tgname ~ 'admit' and tgparentid = 0 order by 1$$, array['ledger', 'pages']);

-- What an INSERT's own triggers are shown has no URL of another source, either.
create table sheets (id int primary key, image text, image_at text);
create table seen (id int, image_at text);
create function note_sheet() returns trigger language plpgsql as $$
begin
  insert into seen values (new.id, new.image_at);
  return null;
end $$;
create trigger note_sheet after insert on sheets for each row execute function note_sheet();
select offload.attach('sheets', 'image', url_column => 'image_at', stores => '{media}');
insert into sheets values (1, test.data_uri(2), test.url(1));
select test.rows('select id, image_at from seen', array['1|']);

-- A trigger that came later counts from the next refresh on, and row security that came later asks for a look at all.
create table notes (id int primary key, image text, image_at text);
select offload.attach('notes', 'image', url_column => 'image_at', stores => '{media}');
create trigger never before update on notes for each row execute function never();
select offload.refresh('notes');
insert into notes values (1, test.data_uri(2), test.url(1));
select test.equal(image_at, null, 'after the refresh') from notes;
create table papers (id int primary key, image text, image_at text);
select offload.attach('papers', 'image', url_column => 'image_at', stores => '{media}');
alter table papers enable row level security;
alter table papers force row level security;
create policy all_may_insert on papers for insert with check (true);
truncate offload.arrival;
insert into papers values (1, test.data_uri(2), test.url(1));
select test.equal((select count(*) from offload.arrival where key is null), 1);
create table cards (id int primary key, image text, image_at text);
select offload.attach('cards', 'image', url_column => 'image_at', stores => '{media}');
set session authorization postgres;
alter table cards owner to spec_app;
truncate offload.arrival;
insert into cards values (1, test.data_uri(2), test.url(1));
select test.rows('select key from offload.arrival order by id', array['["1"]', ''], 'a former owner may not update it');
