select test.shop();
insert into products (id, image) select n, test.data_uri(n, 40) from generate_series(1, 100) n;
select test.work(1000);
create table public.rounds (who text, n int);
-- session application, meanwhile
-- Each transaction updates some rows upwards, the write-back comes to them in its own order. At least 20,000 updates, and
-- until they met often enough.
do $$
declare
  v_from int;
  v_done int := 0;
begin
  for v_round in 1 .. 40000 loop
    v_from := 1 + v_round % 90;
    for v_id in v_from .. v_from + 4 loop
      update public.products set image = test.data_uri(v_round * 5 + v_id, 40) where id = v_id;
    end loop;
    for v_id in reverse v_from + 9 .. v_from + 5 loop
      update public.products set image = test.data_uri(v_round * 5 + v_id, 40) where id = v_id;
    end loop;
    commit;
    v_done := v_done + 10;
    exit when v_done >= 20000 and exists (select from public.rounds where who = 'enough');
  end loop;
  insert into public.rounds values ('application', v_done);
end;
$$;
-- session worker
do $$
declare
  v_rounds int := 0;
  v_met int := 0;
  v_lease uuid;
  v_outcomes text;
begin
  while not exists (select from public.rounds where who = 'application') loop
    v_lease := test.claim(10);
    commit;
    begin
      v_outcomes := test.complete(v_lease, p.results, p.contents) from test.process(v_lease) p;
      v_rounds := v_rounds + 1;
      v_met := v_met + (v_outcomes like '%locked%')::int;
    exception when lock_not_available or deadlock_detected then
      v_met := v_met + 1;
      perform offload.release(array(select j.id from offload.job j where j.lease = v_lease), v_lease);
    end;
    if v_rounds > 20 and v_met > 0 and not exists (select from public.rounds where who = 'enough') then
      insert into public.rounds values ('enough', v_rounds);
    end if;
    commit;
  end loop;
  insert into public.rounds values ('worker', v_rounds), ('met', v_met);
end;
$$;
-- session application
select test.holds((select n from rounds where who = 'application') >= 20000, 'every update was done, and none failed');
select test.holds((select n from rounds where who = 'worker') > 20, 'the worker was at it all the while');
select test.holds((select n from rounds where who = 'met') > 0, 'and they met');
update offload.job set ready_at = clock_timestamp() where ready_at is not null;
select test.work(1000);
select test.equal((select count(*) from products where image_s3_url is distinct from test.url(test.decoded(image))), 0, 'every URL is its image''s');
select test.rows('select total, with_s3, with_base64 from offload.storage_stats', array['100|100|100']);
