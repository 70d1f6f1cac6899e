select test.shop();
create table seen (settings text);
create function look_around() returns trigger language plpgsql as $$
begin
  insert into public.seen
  select string_agg(s.name || ' ' || s.setting, ', ' order by s.name)
  from pg_catalog.pg_settings s
  where s.name in ('enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'plan_cache_mode');
  return null;
end $$;
create trigger look_around after update on products for each row execute function look_around();
select offload.configure('products', 'image', source_policy => 'replace', originals => 'discard');
insert into products (image) values (test.data_uri(1));
set enable_mergejoin = off;
begin;
select test.equal(test.work(), 'written 1');
select test.rows('select distinct settings from seen',
  array['enable_hashjoin on, enable_mergejoin off, enable_seqscan on, plan_cache_mode auto']);
select test.rows('select current_setting(''enable_hashjoin''), current_setting(''enable_mergejoin'')', array['on|off']);
commit;
