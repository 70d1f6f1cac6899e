create table products (id int primary key, image text);
select offload.attach('products', 'image');
insert into products values (1, '../../etc/passwd'), (2, '<script>alert(1)</script>'), (3, '%s %I $1 \'), (4, '===='),
  (5, 'ä'), (6, E'\n'), (7, 'data:'), (8, repeat('=', 100)), (9, 'iVBO'), (10, repeat('ü', 64)), (11, 'abc');
select test.equal((select count(image_url) from products_media), 11);
select test.equal((select count(*) from products_media where image_source = 'base64'), 11);
select test.equal(image_url, 'data:application/octet-stream;base64,====') from products_media where id = 4;
select test.work();
select test.equal((select count(*) from products where image_remote_url is not null), 0, 'and no row was changed');
