select test.shop();
insert into products (id, image) select n, test.data_uri(n) from generate_series(1, 3) n;
select test.work();
delete from products where id < 3;
select test.claim() as lease \gset
select (test.process(:'lease')).* \gset
select test.equal(test.complete(:'lease', :'results', :'contents'), 'gone 2');
-- An entry of an object that an item refers to again, and many of objects that are not there any more.
insert into offload.dereferenced (object_hash) select sha256(test.object_of(test.png(3)));
insert into offload.dereferenced (object_hash) select sha256(n::text::bytea) from generate_series(1, 30000) n;
-- session other
begin;
select from offload.object where hash = sha256(test.object_of(test.png(1))) for update;
-- session main
create table batch (n int, blocks bigint, entries bigint);
do $$
declare
  v_after tid := '(0,0)';
  v_next tid;
begin
  for n in 1 .. 1000 loop
    select case when count(*) = 100 then max(d.ctid) end into v_next
    from (select d.ctid from offload.dereferenced d where d.ctid > v_after order by d.ctid limit 100) d;
    insert into batch values (n, test.blocks(format('select offload.note_unreferenced(100, %L)', v_after)));
    exit when v_next is null;
    v_after := v_next;
  end loop;
end;
$$;
select test.equal((select max(n) from batch), 301);
select test.holds((select max(blocks) <= 1.5 * min(blocks) from batch where n between 5 and 300), 'the last batch reads what the first ones did');
select test.rows('select object_hash = sha256(test.object_of(test.png(1))) from offload.dereferenced', array['true'],
  'left is what somebody holds');
select test.rows('select hash = sha256(test.object_of(test.png(2))) from offload.object where unreferenced_since is not null', array['true']);
-- session other
commit;
-- session main
select test.holds(offload.note_unreferenced() is null);
select test.equal((select count(*) from offload.dereferenced), 0);
select test.rows('select unreferenced_since is null from offload.object where hash = sha256(test.object_of(test.png(3)))', array['true']);
select test.equal((select count(*) from offload.object where unreferenced_since is not null), 2);
