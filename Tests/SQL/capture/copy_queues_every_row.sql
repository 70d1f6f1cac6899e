select test.shop();
copy products (id, image) from stdin;
1	data:image/png;base64,iVBORw0KGgoAAAA=
2	iVBORw0KGgoAAAB=
3	\N
\.
select test.equal((select count(*) from offload.arrival), 2);
select test.equal(test.work(), 'written 2');
select test.rows('select image_source, count(*) from products_media group by 1 order by 1', array['s3|2', '|1']);
