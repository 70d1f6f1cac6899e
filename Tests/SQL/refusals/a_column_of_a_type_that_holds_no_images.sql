create table products (id text primary key, a int, b json, c text generated always as ('x') stored, d int[], e char(9), f bytea[]);
select test.raises(format('select offload.attach(''products'', %L)', c), 'OF004', c || ' of table public.products', 'text, varchar, bytea')
from unnest('{a,b,c,d,e,id}'::text[]) c;
select test.equal((select count(*) from offload.managed_column), 0);
