create table products (id int primary key, image text, image_at text);
select offload.attach('products', 'image', url_column => 'image_at');
-- Both kinds of entries, before a TRUNCATE and after it.
insert into products select n, 'QUJD' from generate_series(1, 150) n;
update products set image_at = 'https://elsewhere.example/' || id;
truncate products;
insert into products select n, 'QUJD' from generate_series(1, 120) n;
update products set image_at = 'https://elsewhere.example/' || id where id <= 110;
create function counts() returns text language sql as 'select format(''%s %s %s'', total, with_s3, bytes_in_rows) from offload.storage_stats';
select test.equal(counts(), '120 110 480');
create table step (folded bigint, counts text);
do $$
begin
  for n in 1 .. 40 loop
    insert into step values (offload.fold_counts(40));
    update step set counts = counts() where counts is null;
  end loop;
end;
$$;
select test.equal((select count(*) from step where counts <> '120 110 480'), 0, 'exact after each');
select test.holds((select max(folded) <= 84 and count(*) filter (where folded > 0) >= 5 from step), 'never more than a batch of each kind, and the two TRUNCATEs');
select test.holds((select count(*) from offload.count_entry) < 100 and (select count(*) from offload.row_entry) < 100, 'until few are left');
-- What a TRUNCATE that is still open will make void is folded beside what came long before.
insert into products (id, image) select n, 'QUJD' from generate_series(201, 300) n;
-- session other
begin;
truncate products;
insert into products values (1, 'QUJD');
-- session main
do $$ begin for n in 1 .. 10 loop perform offload.fold_counts(40); end loop; end $$;
select test.equal(counts(), '220 110 880');
-- session other
commit;
-- session main
select test.equal(counts(), '1 0 4');
