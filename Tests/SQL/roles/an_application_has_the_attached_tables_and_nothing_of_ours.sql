create table products (id int primary key, image text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', stores => '{media}');
select offload.grant_role('app', 'spec_app');
-- session application
set session authorization spec_app;
insert into public.products values (1, test.data_uri(1)), (2, test.data_uri(2));
update public.products set image = test.data_uri(3) where id = 1;
update public.products set id = 4 where id = 1;
delete from public.products where id = 2;
select test.rows('select id, image_source from public.products_media', array['4|base64']);
select test.raises(format('table offload.%I', relname), '42501', relname)
from pg_class where relnamespace = 'offload'::regnamespace and relkind in ('r', 'v')
  and relname not in ('error_code', 'refusal_reason', 'url_prefix');
select test.raises($$insert into offload.arrival (managed_table, key) values (1, '{1}')$$, '42501', 'arrival');
select test.raises($$insert into offload.count_entry (managed_column, rows) values (1, 1)$$, '42501', 'count_entry');
select test.raises($$insert into offload.row_entry (managed_column, rows) values (1, 1)$$, '42501', 'row_entry');
select test.raises('select offload.claim()', '42501', 'claim');
-- session main
select test.work();
select test.rows('select id, image_remote_url from products', array['4|' || test.url(3)]);
