-- What pg_dump takes along of an extension's tables. One statement each: several in one expression record only one.

select pg_catalog.pg_extension_config_dump('offload.setting', '');
select pg_catalog.pg_extension_config_dump('offload.store', '');
select pg_catalog.pg_extension_config_dump('offload.store_id_seq', '');
select pg_catalog.pg_extension_config_dump('offload.store_url', '');
select pg_catalog.pg_extension_config_dump('offload.store_check', '');
select pg_catalog.pg_extension_config_dump('offload.store_work', '');
select pg_catalog.pg_extension_config_dump('offload.rewrite', '');
select pg_catalog.pg_extension_config_dump('offload.drain', '');
select pg_catalog.pg_extension_config_dump('offload.managed_table', '');
select pg_catalog.pg_extension_config_dump('offload.managed_table_id_seq', '');
select pg_catalog.pg_extension_config_dump('offload.managed_column', '');
select pg_catalog.pg_extension_config_dump('offload.managed_column_id_seq', '');
select pg_catalog.pg_extension_config_dump('offload.chain', '');
select pg_catalog.pg_extension_config_dump('offload.backfill', '');
select pg_catalog.pg_extension_config_dump('offload.granted_role', '');
select pg_catalog.pg_extension_config_dump('offload.object', '');
select pg_catalog.pg_extension_config_dump('offload.replica', '');
select pg_catalog.pg_extension_config_dump('offload.derivation', '');
select pg_catalog.pg_extension_config_dump('offload.item', '');
select pg_catalog.pg_extension_config_dump('offload.dereferenced', '');
select pg_catalog.pg_extension_config_dump('offload.arrival', '');
select pg_catalog.pg_extension_config_dump('offload.arrival_id_seq', '');
select pg_catalog.pg_extension_config_dump('offload.job', '');
select pg_catalog.pg_extension_config_dump('offload.count_entry', '');
select pg_catalog.pg_extension_config_dump('offload.count_entry_id_seq', '');
