create table products (id int primary key, image bytea);
select offload.attach('products', 'image');
insert into products values (1, '\x89504e470d0a1a0a00'), (2, '\xffd8ffe0'), (3, '\x474946383961'), (4, test.object_of('')), (5, '\x00'), (6, convert_to(repeat('x', 100), 'UTF8'));
select test.rows('select id, image_url, image_source from products_media where id < 6 order by id', array[
  '1|data:image/png;base64,iVBORw0KGgoA|base64', '2|data:image/jpeg;base64,/9j/4A==|base64',
  '3|data:image/gif;base64,R0lGODlh|base64',
  '4|data:image/webp;base64,' || encode(test.object_of(''), 'base64') || '|base64',
  '5|data:application/octet-stream;base64,AA==|base64']);
select test.equal(image_url, 'data:application/octet-stream;base64,' || translate(encode(image, 'base64'), E'\n', ''), 'without line breaks')
from products_media where id = 6;
