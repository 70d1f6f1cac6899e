-- The application's writes after a restore, and what the view says of them.
insert into public.product (name, image) values ('new', 'iVBORw0KGgpuZXc=');
update public.product set image = 'iVBORw0KGgpuZXc=' where id = 1;
insert into public.visit values (9, '2024-03-01', '\x89504e470d0a1a0a09');
truncate public.visit_1;
update public."Pic ""ture" set "Bo dy" = array['\x89504e470d0a1a0a10'::bytea] where "K 1" = '6a8b2f0e-0000-4000-8000-000000000002';
select id, image_url, image_source from public.product_media order by id;
