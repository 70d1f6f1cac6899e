create table audit_log (what text, path text, ways text);
create function note() returns trigger language plpgsql as $$
begin
  insert into audit_log values (tg_when, current_setting('search_path'), current_setting('enable_seqscan') || current_setting('plan_cache_mode'));
  return null;
end $$;
create table products (id int primary key, image text, image_at text);
create trigger note_before before update on products for each statement execute function note();
create trigger note_after after update on products for each statement execute function note();
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_at', stores => '{media}');
insert into products values (1, test.data_uri(1), null);
select test.work();
select test.equal(image_at, test.url(1)) from products;
select test.rows('select what, ways, count(*) from audit_log group by 1, 2 order by 1', array['AFTER|onauto|1', 'BEFORE|onauto|1'], 'once each');
select test.equal((select count(*) from audit_log where path !~ 'public'), 0::bigint);
