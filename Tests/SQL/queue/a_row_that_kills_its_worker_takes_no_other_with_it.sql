-- Workers that are killed as soon as they hold row 7, ten times: nothing of what they hold is answered.
select test.shop();
insert into products (id, image) select n, test.data_uri(n) from generate_series(1, 40) n;
create function lives(batch int) returns text language plpgsql as $$
declare
  v_lease uuid := gen_random_uuid();
  v_held text[];
begin
  v_held := array(select t.key[1] from offload.claim(lives.batch, name => v_lease) t);
  if '7' = any (v_held) then
    update offload.job set leased_until = clock_timestamp() - interval '2 minutes' where lease = v_lease;
    perform offload.reap();
    return 'killed with ' || cardinality(v_held);
  end if;
  perform offload.finish(array(select id from offload.job where lease = v_lease), v_lease);
  return 'done ' || cardinality(v_held);
end;
$$;
select test.equal(lives(16), 'killed with 16');
-- Half of the others are new.
select test.holds((select count(*) filter (where l like 'killed%') = 1 from (select lives(16) l from generate_series(1, 2)) x), 'twice');
create temporary table life (n int, what text);
do $$
declare
  v_what text;
begin
  for n in 1..200 loop
    v_what := lives(16);
    exit when v_what = 'done 0';
    insert into life values (n, v_what);
  end loop;
end;
$$;
select test.equal((select count(*) from life where what like 'killed%'), 8);
select test.equal((select count(*) from life where what like 'killed%' and what <> 'killed with 1'), 0, 'it dies alone');
select test.rows('select key[1], attempts, reason, died_at is not null from offload.job', array['7|10|worker_lost|true']);
select test.equal((select count(*) from offload.arrival), 1, 'all others are done');
-- Who has other rows in flight takes none of those that are suspected, and is told of them.
update offload.job set died_at = null, attempts = 2, ready_at = clock_timestamp();
insert into products (id, image) values (41, test.data_uri(41));
select test.rows($$select key[1], suspects from offload.take(alone => false, name => '00000000-0000-0000-0000-000000000001')
  where managed_table is not null or ended is not null$$, array['|true', '41|']);
select test.equal((select count(*) from offload.take(alone => false)), 0);
-- What was lost once, as when all workers are killed together, is taken in batches as ever.
update offload.job set leased_until = clock_timestamp() - interval '2 minutes' where lease is not null;
select offload.reap();
insert into products (id, image) select n, test.data_uri(n) from generate_series(42, 44) n;
select test.equal((select count(*) from offload.claim(alone => false)), 4);
select test.rows('select key[1], attempts from offload.claim(batch => 1)', array['7|3']);
