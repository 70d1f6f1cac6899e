select test.shop();
insert into products (image) values (test.data_uri(1));
begin;
select test.work();
select test.holds(setting::int between 1 and 900, setting) from pg_settings where name = 'lock_timeout';
commit;
select test.equal(current_setting('lock_timeout'), '0', 'for the transaction alone');
