select test.shop();
insert into products (image) values (test.data_uri(1)), ('no image');
select test.work();
select offload.grant_role('analyst', 'spec_analyst');
set session authorization spec_analyst;
select test.rows('select total, with_s3, s3_coverage from offload.storage_stats', array['2|1|50%']);
select test.equal(offload.storage_summary('public.products', 'image') ->> 'with_s3', '1');
select test.equal((select count(*) from offload.queue_stats), 1);
select test.equal((select count(*) from offload.worker_stats), 0);
select test.rows('select name, objects from offload.store_stats', array['media|1']);
select test.raises('table ' || t, '42501', '')
from unnest('{public.products,public.products_media,offload.failures,offload.item,offload.arrival,offload.job,offload.object,offload.replica,offload.store,offload.derivation}'::text[]) t;
select test.raises($$select offload.retry()$$, '42501', 'retry');
select test.raises($$select * from offload._fetch_1('[["1"]]', 9999)$$, '42501', '_fetch_1');
select test.raises($$select * from offload._scan_1(null, null, 1)$$, '42501', '_scan_1');
