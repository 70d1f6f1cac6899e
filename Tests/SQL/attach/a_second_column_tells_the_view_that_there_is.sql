create table products (id int primary key, front text, back text, side text, "top" text);
select offload.attach('products', 'front', view_name => 'pictures');
-- says: URL in front_remote_url, view pictures
select offload.attach('products', 'back');
-- says: URL in back_remote_url, view pictures
select offload.attach('products', 'side', view_name => null);
-- never says: , view
select test.equal(to_regclass('pictures'), null);
select offload.attach('products', 'top');
-- never says: , view
select test.equal((select count(*) from pg_class where relkind = 'v' and relnamespace = 'public'::regnamespace), 0);
select test.holds(offload._next_step() ~ case when inet_server_addr() is null then ' postgresql:///spec' else ' postgresql://[0-9a-f.:\[\]]+:[0-9]+/spec' end, offload._next_step());
