select test.shop();
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
select test.rows('select profile from offload.derivation', array['image smallest 1024 500000 85,75,60,50,40 flat']);
select offload.configure('products', 'image', effort => 'fast');
select test.equal(test.work(), 'unchanged 1', 'the row is looked at again');
select offload.configure('products', 'image', effort => 'best', background => '#F5F5f5');
select test.work();
select offload.configure('products', 'image', background => '#ffffff', accept_truncated => true);
select test.work();
select test.rows('select replace(profile, ''image smallest 1024 500000 85,75,60,50,40 '', '''') from offload.derivation order by 1',
  array['flat', 'flat #f5f5f5', 'flat damaged', 'flat fast']);
select offload.configure('products', 'image', accept_truncated => false);
select test.work();
select test.equal((select count(*) from offload.derivation), 4, 'what was made before is remembered');
select offload.configure('products', 'image', flatten => false, background => '#000000');
select test.rows('select profile from offload.effective_column', array['image smallest 1024 500000 85,75,60,50,40 alpha'],
  'what is kept transparent has no background');
select offload.configure('products', 'image', flatten => true, background => '#FFFFFF');
insert into offload.setting (name, value) values ('background', '#000000'), ('effort', 'fast'), ('accept_truncated', 'true');
select test.rows('select background, effort, accept_truncated from offload.effective_column', array['#ffffff|best|false'],
  'the column''s own word comes first');
create table labels (id int primary key, image text);
select offload.attach('labels', 'image');
select test.rows('select background, effort, accept_truncated from offload.effective_column where column_name = ''image'' and relation = ''labels''::regclass',
  array['#000000|fast|true']);
