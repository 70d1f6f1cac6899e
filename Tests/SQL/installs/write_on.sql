-- The application's writes when pg_offload is gone.
insert into public.product (name, image) values ('on', 'iVBORw0KGgpvbg==');
update public.product set image = null where id = 1;
update public."Pic ""ture" set "Bo dy" = null;
insert into public.visit values (19, '2024-03-01', '\x89504e470d0a1a0a09');
update public.visit set photo = null, day = '2024-01-20' where id = 19;
delete from public.visit;
truncate public.product, public.visit;
