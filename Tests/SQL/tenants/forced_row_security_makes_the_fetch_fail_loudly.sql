create table documents (id int primary key, tenant name not null default current_user, image text);
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('documents', 'image', stores => '{media}');
insert into documents (id, image) values (1, test.data_uri(1));
alter table documents enable row level security;
alter table documents force row level security;
select test.claim() as lease \gset
select test.raises(format('select * from offload.fetch_sources(%L)', :'lease'), '42501', 'row-level security');
select test.raises(format('select * from offload.look(%L)', :'lease'), '42501', 'row-level security');
select test.equal(offload.fail(array(select id from offload.job), :'lease', 'not_readable', 'forced'), 0);
select test.equal((select count(*) from offload.arrival), 1, 'nothing is taken for deleted');
select test.holds(remedy like '%no force row level security%') from offload.refusal_reason where reason = 'not_readable';
alter table documents no force row level security;
update offload.job set ready_at = clock_timestamp();
select test.equal(test.work(), 'written 1');
