select test.shop();
create table others (id int primary key, image text);
select offload.attach('others', 'image', stores => '{media}');
insert into products (id, image) values (1, test.data_uri(1));
insert into others values (1, test.data_uri(2));
select test.work();
select 'others'::regclass::oid as others \gset
insert into others values (2, test.data_uri(3));
drop table others cascade;
select test.equal(offload.note_dropped(), 1);
select test.equal(offload.note_dropped(), 0);
select test.rows('select relation_name, c.dropped_at is not null, c.detached_at is not null, t.detached_at is not null
  from offload.managed_column c join offload.managed_table t on t.id = c.managed_table order by c.id',
  array['public.products|false|false|false', 'public.others|true|true|true']);
select test.equal((select count(*) from offload.arrival), 0);
select test.rows('select managed_table from offload.backfill', array['1']);
select offload.grant_role('app', 'spec_app');
select test.equal((select count(*) from offload.object where unreferenced_since is not null), 0, 'its objects are pinned');
select test.equal(offload.release_detached(:others::oid::regclass, 'image'), 1);
select offload.note_unreferenced();
select test.equal((select count(*) from offload.object where unreferenced_since is not null), 1);
