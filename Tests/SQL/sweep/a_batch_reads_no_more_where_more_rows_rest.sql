create table products (tenant int, "Shelf" text, id int, image text, photo text, primary key (tenant, "Shelf", id));
select offload.attach('products', 'image'), offload.attach('products', 'photo');
-- Rows 1 to 300 of a tenant, and then many more, each with its items.
create function stock(first int, last int) returns void language plpgsql as $$
begin
  insert into products select 7, 'a', n, 'QUJD', 'QUJD' from generate_series(first, last) n;
  insert into offload.item (managed_column, key, row_version)
  select c, array['7', 'a', n::text], p.xmin from generate_series(first, last) n, generate_series(1, 2) c, products p where p.id = n;
  delete from offload.arrival;
  update offload.backfill set state = 'sweeping', ready_at = null, finished_at = null;
end;
$$;
create table cost (what text, rows int, blocks bigint);
create function note(rows int, key text[]) returns void language plpgsql as $$
begin
  -- What a session reads of the catalogue is read once.
  perform count(*) from offload._scan_1(to_jsonb(key), null, 100);
  perform offload.prune(1, key, 100);
  insert into cost values
    ('scan', rows, test.blocks(format('select * from offload._scan_1(%L, null, 100)', to_jsonb(key)))),
    ('prune', rows, test.blocks(format('select offload.prune(1, %L, 100)', key)));
  update offload.backfill set after_key = key, is_pruning = false, ready_at = null;
  insert into cost values ('backfill', rows, test.blocks('select offload.backfill(1, 100)'));
end;
$$;
select stock(1, 300);
select note(300, array['7', 'a', '150']);
select stock(301, 20000);
select note(20000, array['7', 'a', '15000']);
select test.equal((select count(*) from offload.arrival), 0, 'nothing was found: all rows are there, and as they were');
select test.rows($$
  select l.what, case when l.blocks <= 2 * s.blocks then 'bounded' else format('%s, and %s of few', l.blocks, s.blocks) end
  from cost s join cost l using (what) where s.rows = 300 and l.rows = 20000 order by 1$$,
  array['backfill|bounded', 'prune|bounded', 'scan|bounded']);
