select test.shop();
-- session reader
begin;
select count(*) from products_media;
-- session main
select test.raises($$select offload.refresh_view('products')$$, 'OF012', 'view public.products_media', 'pg_locks');
select test.raises($$select offload.refresh('products')$$, 'OF012', 'products_media', 'Try again');
select test.raises($$select offload.configure('products', 'image', view_name => '')$$, 'OF012', 'products_media');
-- session reader
commit;
-- session main
select offload.refresh_view('products');
select test.equal((select count(*) from products_media), 0);
