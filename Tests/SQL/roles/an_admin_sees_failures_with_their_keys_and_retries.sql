select test.shop();
insert into products (id, image) values (7, 'no image');
select test.work();
select test.claim();
select offload.configure('products', 'image', max_attempts => 1);
insert into products (id, image) values (8, test.data_uri(1));
select test.claim() as lease \gset
select offload.fail(array(select id from offload.job where lease = :'lease'), :'lease', 'internal');
select offload.grant_role('admin', 'spec_admin');
set session authorization spec_admin;
select test.rows('select key, reason from offload.failures order by 1', array['["7"]|not_base64', '["8"]|internal']);
select test.equal(offload.retry(), 2);
insert into offload.setting (name, value) values ('max_edge', '800');
select test.equal((select max_edge from offload.effective_column), 800);
select test.equal((select total from offload.storage_stats), 2);
select test.raises('table public.products', '42501', 'products');
select test.raises($$select offload.attach('public.products', 'image')$$, '42501', 'attach');
