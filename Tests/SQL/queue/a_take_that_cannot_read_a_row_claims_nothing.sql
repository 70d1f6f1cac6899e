select test.shop();
create table documents (id int primary key, image text);
select offload.attach('documents', 'image', stores => '{media}');
insert into products (id, image) values (1, test.data_uri(1));
select test.work();
insert into documents values (1, test.data_uri(1));
insert into offload.arrival (managed_table, key) select id, '{1}' from offload.managed_table where relation = 'products'::regclass;
alter table documents enable row level security;
alter table documents force row level security;
select test.raises('select * from offload.take()', '42501', 'row-level security');
select test.rows('select count(*) from only offload.arrival', array['2'], 'not even the row that could be read is done');
-- The other way counts the attempt, and each row is looked at by itself.
select test.claim() as lease \gset
select test.rows('select lease is not null, attempts from offload.job', array['true|1', 'true|1']);
