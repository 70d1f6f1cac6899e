select test.shop();
-- What a producer touches in one transaction, and how it locks it.
begin;
insert into products (image) values (test.data_uri(1));
select test.rows($$
  select c.relname, l.mode from pg_locks l join pg_class c on c.oid = l.relation
  where l.pid = pg_backend_pid() and c.relnamespace = 'offload'::regnamespace and c.relkind = 'r' and l.mode <> 'AccessShareLock' order by 1$$,
  array['arrival|RowExclusiveLock', 'row_entry|RowExclusiveLock']);
select test.equal((select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory' and mode = 'ExclusiveLock'), 0);
rollback;
select test.equal((select count(*) from pg_trigger where tgrelid in ('offload.arrival'::regclass, 'offload.count_entry'::regclass, 'offload.row_entry'::regclass)), 0);
