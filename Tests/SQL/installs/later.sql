-- What the application wrote since: rows that still wait.
insert into public.product (name, image) values ('stool', 'iVBORw0KGgpzdG9vbA==');
delete from public.visit where id = 2;
