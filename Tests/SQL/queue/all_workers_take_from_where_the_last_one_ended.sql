select test.shop();
create function takes(batch int, from_start boolean) returns text language sql as $$
  select coalesce(string_agg(t.key[1], ' ' order by t.job), '')
  from offload.take(takes.batch, from_start => takes.from_start) t
  where t.managed_table is not null
$$;
insert into products (id, image) select n, test.data_uri(n) from generate_series(1, 9) n;
select id - 1 as zero from offload.arrival where key = '{1}' \gset
select test.equal(takes(3, false), '1 2 3');
select test.equal(takes(2, false), '4 5');
begin;
select test.equal(takes(2, false), '6 7');
rollback;
select test.equal(takes(2, false), '8 9', 'what was taken back waits below the mark');
select test.equal(takes(2, false), '');
select test.equal(takes(2, true), '6 7', 'and is found from the start');
select test.equal(last_value - :zero, 8, 'the mark is set back') from offload.taken_to;
insert into products (id, image) select n, test.data_uri(n) from generate_series(10, 11) n;
select test.equal(takes(5, false), '10 11');
select test.equal(last_value - :zero, 10, 'of a batch that is not full something may come yet') from offload.taken_to;
