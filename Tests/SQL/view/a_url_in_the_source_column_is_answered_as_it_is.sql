create table products (id int primary key, image text);
select offload.attach('products', 'image');
insert into products values (1, 'https://elsewhere.example/1.png'), (2, 'http://elsewhere.example/2.png?a=b c');
select test.rows('select image_url, image_source from products_media order by id',
  array['https://elsewhere.example/1.png|foreign', 'http://elsewhere.example/2.png?a=b c|foreign']);
select test.work();
select test.rows('select image from products order by id', array['https://elsewhere.example/1.png', 'http://elsewhere.example/2.png?a=b c']);
