-- Only what is committed can be seen, so the id below which all is done must wait for who had one before.
select test.shop();
create function close_(next_id bigint default null, appending text[] default null) returns bigint language plpgsql as $$
begin
  perform from offload.close_arrivals(next_id, appending);
  return (select last_value from offload.closed_to);
end;
$$;
select last_value + is_called::int as zero from offload.arrival_id_seq \gset
-- session late
begin;
insert into products (id, image) values (1, test.data_uri(1));
-- session holder
begin isolation level repeatable read;
create temporary table mine (n int);
select count(*) from products;
-- session main
insert into products (id, image) select n, test.data_uri(n) from generate_series(2, 4) n;
select test.work();
select next, open from offload.close_arrivals() \gset one_
select test.equal((select last_value from offload.closed_to), 0, 'one appends');
select test.equal(close_(:one_next, :'one_open'), 0, 'and is not done');
-- session later
begin;
insert into products (id, image) values (5, test.data_uri(5));
-- session late
commit;
-- session main
select test.equal(close_(:one_next, :'one_open'), :zero::bigint, 'what came late is the first that waits');
select test.equal((select string_agg(key[1], ' ') from offload.take() where managed_table is not null), '1', 'and is found from the start');
select test.equal(close_(:one_next, :'one_open'), :one_next::bigint, 'all below is done, whoever else appends or is open');
select test.equal(close_(), :one_next::bigint, 'of what is next now nothing is known yet');
-- session later
commit;
-- session main
begin isolation level repeatable read;
select test.equal(close_(), :one_next::bigint, 'one snapshot sees too little');
commit;
select test.equal(close_(), (select id from only offload.arrival), 'nobody appends: what is visible is all there is');
-- An id that was set by hand.
insert into offload.arrival (id, managed_table, key) overriding system value
select :zero + 1, managed_table, key from only offload.arrival;
select test.holds(offload.reopen_arrivals());
select test.equal(last_value, :zero + 1) from offload.closed_to;
select test.holds(not offload.reopen_arrivals());
select test.equal((select string_agg(key[1], ' ') from offload.take() where managed_table is not null), '5');
