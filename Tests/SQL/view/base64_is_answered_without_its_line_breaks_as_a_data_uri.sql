create table products (id int primary key, image text);
select offload.attach('products', 'image');
insert into products values
  (1, E'iVBORw0KGgoA\r\nAAABLi4u\n'), (2, 'iVBORw0KGgoAAAA='), (3, E'data:image/gif;base64,R0lG\nODlh'), (4, E'  /9j/ 4A=='),
  (5, encode(convert_to(repeat('x', 300), 'UTF8'), 'base64'));
select test.rows('select id, image_url, image_source from products_media where id < 5 order by id', array[
  '1|data:image/png;base64,iVBORw0KGgoAAAABLi4u|base64', '2|data:image/png;base64,iVBORw0KGgoAAAA=|base64',
  '3|data:image/gif;base64,R0lGODlh|base64', '4|data:image/jpeg;base64,/9j/4A==|base64']);
select test.equal(test.decoded(image_url), test.decoded(image)) from products_media where id = 5;
