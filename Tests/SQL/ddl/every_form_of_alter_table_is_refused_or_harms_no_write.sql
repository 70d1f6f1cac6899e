-- What stands here as refused has its recipe in docs/operations.md.
create table makers (id int primary key);
create table parents (id int not null, name text, image text, image_s3_url text, n int, maker int);
create type product as (id int, name text, image text, image_s3_url text, n int, maker int);
create table products (
  id int primary key, name text, image text, image_s3_url text, n int default 0, maker int references makers);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}');
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
create schema elsewhere;
create function attempt(statement text) returns text language plpgsql as $$
begin
  execute statement;
  execute format('insert into %s values (2)', attempt_table());
  -- The source, whatever it is called now.
  execute (
    select format('update %s set %I = %L', attempt_table(), attname, test.data_uri(2)) from pg_attribute
    where attrelid = attempt_table()::regclass and attnum = 3 and not attisdropped
    union all select 'select 1' limit 1);
  execute format('delete from %s where maker = 7', attempt_table());
  raise exception using errcode = 'ZZ000', message = 'undone';
exception
  when sqlstate 'ZZ000' then return '';
  when others then return sqlstate;
end;
$$;
create function attempt_table() returns text language sql as $$
  select oid::regclass::text from pg_class where oid = (select relation from offload.managed_table);
$$;
select test.rows($$
  select statement, attempt('alter table products ' || statement)
  from unnest(array[
    'alter column id type bigint', 'alter column image type bytea using null', 'alter column image type varchar(99)',
    'alter column image_s3_url type varchar(400)', 'alter column name type varchar(50)', 'alter column n type bigint',
    'drop column id', 'drop column image', 'drop column image_s3_url', 'drop column name',
    'alter column image_s3_url set not null'
  ]) statement$$, array[
    'alter column id type bigint|0A000', 'alter column image type bytea using null|0A000',
    'alter column image type varchar(99)|0A000', 'alter column image_s3_url type varchar(400)|0A000',
    'alter column name type varchar(50)|0A000', 'alter column n type bigint|0A000', 'drop column id|2BP01',
    'drop column image|2BP01', 'drop column image_s3_url|2BP01', 'drop column name|2BP01',
    'alter column image_s3_url set not null|23502'
  ], 'what is refused, or makes writes fail');
select test.rows($$
  select statement, attempt(case when statement like 'alter table%' then '' else 'alter table products ' end || statement)
  from unnest(array[
    'add column weight int', 'add column weight int default 1', 'drop column image cascade', 'drop column name cascade',
    'rename to goods', 'rename column id to number', 'rename column image to picture',
    'rename column image_s3_url to picture_url', 'rename column name to label', 'rename constraint products_pkey to pk',
    'set schema elsewhere', 'alter column n set not null', 'alter column image set default ''''',
    'alter column image drop default', 'alter column image set storage external', 'alter column image set compression pglz',
    'alter column image set statistics 10', 'alter column image set (n_distinct = 5)', 'alter column image reset (n_distinct)',
    'alter column n drop not null', 'alter column n drop default', 'add constraint short check (length(name) < 50)',
    'add constraint once unique (name)', 'add constraint later check (n >= 0) not valid',
    'drop constraint products_pkey', 'drop constraint products_maker_fkey', 'alter constraint products_maker_fkey deferrable',
    'disable trigger user', 'enable trigger user', 'enable replica trigger zz_offload_capture_1',
    'enable always trigger zz_offload_capture_1', 'disable trigger zz_offload_guard_1',
    'enable row level security', 'force row level security', 'no force row level security', 'disable row level security',
    'cluster on products_pkey', 'set without cluster', 'set unlogged', 'set logged', 'set tablespace pg_default',
    'set (fillfactor = 50)', 'reset (fillfactor)', 'inherit parents', 'of product',
    'replica identity full', 'replica identity nothing', 'set access method heap'
  ]) statement
  where attempt(case when statement like 'alter table%' then '' else 'alter table products ' end || statement) <> ''$$,
  '{}', 'what is not refused, and every write goes on');
